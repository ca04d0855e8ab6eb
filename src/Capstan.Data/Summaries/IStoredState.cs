using System.Formats.Cbor;

namespace Capstan.Data;

/// <summary>
/// A state that can be stored: a closed CBOR map whose integer keys are numeric tags, never reused. Tag 0 is the format's
/// version. Equal states give equal bytes on every machine.
/// </summary>
public interface IStoredState<TSelf>
    where TSelf : IStoredState<TSelf>
{
    void WriteTo(CborWriter writer);

    /// <summary>
    /// Reads what <see cref="WriteTo"/> wrote, and trusts nothing: sizes are checked against the bytes that are really there
    /// before anything is allocated, and values against what the state can hold.
    /// </summary>
    /// <exception cref="CorruptStateException">A value is out of range, or a tag or version is unknown.</exception>
    /// <exception cref="CborContentException">The bytes are not well-formed canonical CBOR, or end too early.</exception>
    /// <exception cref="InvalidOperationException">A value has another CBOR type than expected.</exception>
    static abstract TSelf ReadFrom(CborReader reader);
}

/// <summary>Whole states to bytes and back.</summary>
public static class StoredState
{
    /// <summary>The state as canonical CBOR.</summary>
    public static byte[] ToBytes<T>(this T state)
        where T : IStoredState<T>
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        state.WriteTo(writer);
        return writer.Encode();
    }

    /// <exception cref="CorruptStateException">The bytes are not one whole state of this kind.</exception>
    public static T FromBytes<T>(ReadOnlyMemory<byte> bytes)
        where T : IStoredState<T>
    {
        try
        {
            var reader = new CborReader(bytes, CborConformanceMode.Canonical);
            var state = T.ReadFrom(reader);
            return reader.BytesRemaining == 0
                ? state
                : throw new CorruptStateException(typeof(T).Name, $"{reader.BytesRemaining:N0} bytes follow its end");
        }
        catch (Exception cause) when (cause is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new CorruptStateException(typeof(T).Name, $"it is not well-formed ({cause.Message.TrimEnd('.')})", cause);
        }
    }
}

/// <summary>Stored bytes are not the state that they claim to be: damaged, truncated, or written by a newer version.</summary>
/// <param name="kind">The state expected, such as <c>Moments</c>.</param>
/// <param name="problem">What was found and what was expected, as a clause without a full stop.</param>
public sealed class CorruptStateException(string kind, string problem, Exception? cause = null) : Exception(
    $"The stored {kind} can't be read: {problem}. Restore it from its source, or compute it again from the data.", cause)
{
    public string Kind { get; } = kind;

    public string Problem { get; } = problem;
}
