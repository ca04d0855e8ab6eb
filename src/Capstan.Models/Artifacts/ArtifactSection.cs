using System.Collections.Immutable;
using System.Formats.Cbor;
using System.Text;
using Capstan.Data;

namespace Capstan.Models;

/// <summary>One content file of an artifact.</summary>
sealed record ArtifactSection(string FileName, byte[] Bytes, ContentHash Hash)
{
    public const string Transform = "transform.cbor";
    public const string Predictor = "predictor.cbor";
    public const string Label = "label.cbor";
    public const string Statistics = "statistics.cbor";
    public const string Golden = "golden.cbor";

    /// <summary>Of releases from that on which keeps reference rows; hashed after the others, so that older names stay.</summary>
    public const string Reference = "reference.cbor";

    /// <summary>Of models with prediction intervals.</summary>
    public const string Intervals = "intervals.cbor";

    /// <summary>Those that every artifact has, in the order in which they are hashed.</summary>
    public static readonly ImmutableArray<string> FileNames = [Transform, Predictor, Label, Statistics, Golden];

    /// <summary>Those that an artifact may have, in the order in which they are hashed after the others.</summary>
    public static readonly ImmutableArray<string> OptionalFileNames = [Reference, Intervals];

    public static ImmutableArray<ArtifactSection> Of(ModelArtifact artifact) =>
    [
        Make(Transform, artifact.Transform.WriteTo),
        Make(Predictor, writer => PredictorCodec.Write(writer, artifact.Predictor)),
        Make(Label, writer => LabelCodec.Write(writer, artifact.Label, artifact.DataSchema)),
        Make(Statistics, artifact.TrainingStatistics.WriteTo),
        Make(Golden, artifact.Golden.WriteTo),
        .. artifact.Reference is { } reference ? [Make(Reference, reference.WriteTo)] : ImmutableArray<ArtifactSection>.Empty,
        .. artifact.Intervals is { } intervals
            ? [Make(Intervals, writer => IntervalCodec.Write(writer, intervals))]
            : ImmutableArray<ArtifactSection>.Empty,
    ];

    /// <summary>The hash over names and hashes of the sections: the artifact's identity.</summary>
    public static ContentHash HashOf(IEnumerable<ArtifactSection> sections) =>
        ContentHash.Of(Encoding.UTF8.GetBytes(string.Concat(sections.Select(section => section.ChecksumLine))));

    /// <summary>The line that <c>sha256sum -c</c> understands.</summary>
    public string ChecksumLine => $"{Hash}  {FileName}\n";

    static ArtifactSection Make(string name, Action<CborWriter> write)
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        write(writer);
        var bytes = writer.Encode();
        return new ArtifactSection(name, bytes, ContentHash.Of(bytes));
    }
}
