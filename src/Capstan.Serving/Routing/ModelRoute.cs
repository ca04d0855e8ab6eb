using System.Collections.Immutable;

namespace Capstan.Serving;

/// <summary>A version that can be asked for.</summary>
/// <param name="Version">Its name, such as <c>v2</c>.</param>
/// <param name="Artifact">The folder of the artifact, as the machines that serve it see it.</param>
/// <param name="Hash">The artifact's content hash: what is loaded must have it.</param>
/// <param name="MaxConcurrency">How many requests may be scored by it at the same time in one process; others are told to come
/// again.</param>
/// <param name="Runtime">What runs the model, where it is another program's: replicas of it need that. Null for all others.</param>
public sealed record RoutedVersion(
    string Version, string Artifact, string Hash, int MaxConcurrency = RoutedVersion.DefaultConcurrency, string? Runtime = null)
{
    public const int DefaultConcurrency = 256;
}

/// <summary>Another name for a version, which can be moved without telling clients: <c>stable</c>, <c>canary</c>.</summary>
public sealed record VersionLabel(string Label, string Version);

/// <summary>A model's versions, their labels, and how its traffic is divided. Immutable.</summary>
public sealed class ModelRoute
{
    /// <exception cref="ArgumentException">A name is twice there, or a label or the split names a version that is not.</exception>
    public ModelRoute(string model, ImmutableArray<RoutedVersion> versions, ImmutableArray<VersionLabel> labels, Split? split)
    {
        (Model, Versions, Labels, Split) = (model, versions, labels.IsDefault ? [] : labels, split ?? Split.None);
        CheckName("model", model);
        foreach (var version in versions)
        {
            CheckName("version", version.Version);
        }

        if (versions.GroupBy(version => version.Version, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
        {
            throw new ArgumentException($"Model '{model}' has two versions '{twice}'.", nameof(versions));
        }

        foreach (var version in Split.Versions.Concat(Labels.Select(label => label.Version)))
        {
            if (Find(version) is null)
            {
                throw new ArgumentException(
                    $"Model '{model}' has no version '{version}' to send requests to; it has: " +
                    $"{string.Join(", ", versions.Select(each => each.Version))}. Deploy it first.", nameof(split));
            }
        }
    }

    public string Model { get; }

    public ImmutableArray<RoutedVersion> Versions { get; }

    public ImmutableArray<VersionLabel> Labels { get; }

    public Split Split { get; }

    public RoutedVersion? Find(string version) => Versions.FirstOrDefault(each => each.Version == version);

    /// <summary>The same route but for what is given.</summary>
    public ModelRoute With(
        ImmutableArray<RoutedVersion>? versions = null, ImmutableArray<VersionLabel>? labels = null, Split? split = null) =>
        new(Model, versions ?? Versions, labels ?? Labels, split ?? Split);

    static void CheckName(string what, string name)
    {
        if (name.Length == 0 || name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')))
        {
            throw new ArgumentException(
                $"The {what} name '{name}' can't stand in a URL; use letters, digits, '-', '_' and '.' only.", nameof(name));
        }
    }
}
