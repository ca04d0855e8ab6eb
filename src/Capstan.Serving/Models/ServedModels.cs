using System.Collections.Immutable;
using Capstan.Data;
using Capstan.Models;
using Microsoft.Extensions.ObjectPool;

namespace Capstan.Serving;

/// <summary>A model with its lanes: as many as requests were ever scored at the same time, reused.</summary>
sealed class ModelSlot
{
    public ModelSlot(IServedModel model)
    {
        Model = model;
        Lanes = new DefaultObjectPool<ScoringLane>(new LanePolicy(model));
    }

    public IServedModel Model { get; }

    public ObjectPool<ScoringLane> Lanes { get; }

    sealed class LanePolicy(IServedModel model) : IPooledObjectPolicy<ScoringLane>
    {
        readonly FieldPaths _names = new(model.Inputs.Names.Concat(model.UnusedColumns));

        public ScoringLane Create() => new(model, _names);

        public bool Return(ScoringLane lane) => true;
    }
}

/// <summary>The models that a server answers for. Immutable.</summary>
sealed class ServedModels
{
    readonly Dictionary<string, ModelSlot> _slots = new(StringComparer.Ordinal);
    readonly Dictionary<string, ModelSlot>.AlternateLookup<ReadOnlySpan<char>> _byName;

    /// <exception cref="ArgumentException">There is no model, two share a name, or one can't be served as it is.</exception>
    public ServedModels(IEnumerable<IServedModel> models)
    {
        foreach (var model in models)
        {
            Require(model);
            if (!_slots.TryAdd(model.Name, new ModelSlot(model)))
            {
                throw new ArgumentException($"Two models are named '{model.Name}'; a URL can lead to only one. Give " +
                    $"one another name.", nameof(models));
            }
        }

        if (_slots.Count == 0)
        {
            throw new ArgumentException("There is no model to serve; give at least one.", nameof(models));
        }

        _byName = _slots.GetAlternateLookup<ReadOnlySpan<char>>();
        All = [.. _slots.Values.OrderBy(slot => slot.Model.Name, StringComparer.Ordinal)];
    }

    public ImmutableArray<ModelSlot> All { get; }

    public ModelSlot? Find(ReadOnlySpan<char> name) => _byName.TryGetValue(name, out var slot) ? slot : null;

    static void Require(IServedModel model)
    {
        if (model.Name.Length == 0 ||
            model.Name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')))
        {
            throw new ArgumentException(
                $"The model name '{model.Name}' can't stand in a URL; use letters, digits, '-', '_' and '.' " +
                $"only.", nameof(model));
        }

        if (model.Version.Length == 0 || !model.Version.All(char.IsAsciiLetterOrDigit))
        {
            throw new ArgumentException(
                $"Model '{model.Name}' has the version '{model.Version}'; expected a content hash in " +
                $"hexadecimal.", nameof(model));
        }

        if (model.Inputs.Fields.IsEmpty || model.Examples.RowCount == 0)
        {
            throw new ArgumentException($"Model '{model.Name}' has no inputs or no example rows; both are needed to " +
                $"serve it.", nameof(model));
        }

        var classes = model.Output.ClassCount;
        if ((model.Labels?.Count ?? 0) != classes)
        {
            throw new ArgumentException(
                $"Model '{model.Name}' has {model.Labels?.Count ?? 0} labels for {classes} classes; its answers need one for " +
                    $"each.",
                nameof(model));
        }
    }
}
