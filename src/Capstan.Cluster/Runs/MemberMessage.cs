using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Cluster;

/// <summary>What a run and its members tell each other. The numbers are the protocol's and never reused.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Arrived), 1)]
[JsonDerivedType(typeof(Start), 2)]
[JsonDerivedType(typeof(Line), 3)]
[JsonDerivedType(typeof(Ended), 4)]
[JsonDerivedType(typeof(Stop), 5)]
abstract record MemberMessage
{
    private protected MemberMessage()
    {
    }

    /// <summary>A member is on its machine, and its program will listen there.</summary>
    public sealed record Arrived(string Member, string Place) : MemberMessage;

    /// <summary>All have arrived: this is your program and its environment.</summary>
    public sealed record Start(ImmutableArray<string> Command, ImmutableDictionary<string, string> Variables, string Folder) : MemberMessage;

    /// <summary>The program wrote a line.</summary>
    public sealed record Line(string Text, bool IsError) : MemberMessage;

    /// <summary>The program has ended.</summary>
    /// <param name="Problem">Why it could not even start.</param>
    public sealed record Ended(int Code, string? Problem) : MemberMessage;

    /// <summary>End your program.</summary>
    public sealed record Stop : MemberMessage;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this);

    public static MemberMessage? Read(ReadOnlySpan<byte> message) => JsonSerializer.Deserialize<MemberMessage>(message);
}
