using System.Security.Cryptography;
using System.Text;
using Capstan.Data;

namespace Capstan.Features;

/// <summary>
/// Keeps what passes over data found out, so that it is never found out twice: states by what they were computed of, the rows
/// (a source's fingerprint) and the expression. Another number of buckets, another vocabulary size, another statistic of the
/// same expression is then concluded without reading a row, also in another run. Thread- and process-safe.
/// </summary>
/// <remarks>
/// A state is a file named by the SHA-256 of its key, led by the SHA-256 of its bytes; a damaged one is as if it were not
/// there. Files beyond the budget go, the oldest first; the folder may be deleted at any time.
/// </remarks>
/// <param name="folder">Made when the first state is kept.</param>
/// <param name="budgetBytes">How much the folder may hold.</param>
public sealed class AnalysisFolder(string folder, long budgetBytes = 1L << 30)
{
    const int HashBytes = 32;

    long _writtenBytes;

    /// <summary>The state of some rows and expression, or the default where there is none.</summary>
    /// <param name="rows">The source's fingerprint.</param>
    /// <param name="expression">The expression's text, or what else the state is of.</param>
    public T? Find<T>(string rows, string expression)
        where T : class, IStoredState<T>
    {
        var path = PathOf<T>(rows, expression);
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes.Length < HashBytes || !SHA256.HashData(bytes.AsSpan(HashBytes)).AsSpan().SequenceEqual(
                bytes.AsSpan(0, HashBytes)))
            {
                return null;
            }

            return StoredState.FromBytes<T>(bytes.AsMemory(HashBytes));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CorruptStateException)
        {
            return null;
        }
    }

    /// <summary>Keeps a state. A folder that can't be written keeps nothing: the state would only save time.</summary>
    public void Keep<T>(string rows, string expression, T state)
        where T : class, IStoredState<T>
    {
        var path = PathOf<T>(rows, expression);
        var aside = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.part";
        try
        {
            Directory.CreateDirectory(folder);
            var bytes = state.ToBytes();
            File.WriteAllBytes(aside, [.. SHA256.HashData(bytes), .. bytes]);
            File.Move(aside, path, overwrite: true);
            // Looking through the folder after every file would cost the square of their number: room is made for a sixteenth.
            if (Interlocked.Add(ref _writtenBytes, bytes.Length + HashBytes) > budgetBytes / 16)
            {
                Interlocked.Exchange(ref _writtenBytes, 0);
                Trim();
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Remove(aside);
        }
    }

    string PathOf<T>(string rows, string expression) => Path.Combine(
        folder, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{NameOf(typeof(T))}\n{rows}\n{expression}")))}.cbor");

    /// <summary>With the names of its arguments, where a kind of state has any.</summary>
    static string NameOf(Type state) => string.Join(' ', state.GenericTypeArguments.Select(NameOf).Prepend(state.Name));

    void Trim()
    {
        var files = new DirectoryInfo(folder).GetFiles("*.cbor");
        var excess = files.Sum(file => file.Length) - (budgetBytes - budgetBytes / 16);
        foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc))
        {
            if (excess <= 0)
            {
                return;
            }

            excess -= file.Length;
            Remove(file.FullName);
        }
    }

    static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Somebody else has it or had it; it is only a kept state.
        }
    }
}
