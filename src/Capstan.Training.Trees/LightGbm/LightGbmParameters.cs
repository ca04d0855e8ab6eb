using Capstan.Features;

namespace Capstan.Training.Trees;

/// <summary>Options as the text that LightGBM's C API takes.</summary>
static class LightGbmParameters
{
    // Splits keep their categories as bits, up to the largest: 8 KiB each here.
    const int MostCategories = 1 << 16;

    /// <exception cref="ArgumentException">A monotone feature is unknown or a category, or a feature has too many
    /// categories.</exception>
    /// <param name="seed">For bagging and feature sampling.</param>
    /// <param name="threads">In place of the options' own: what <see cref="NativeThreads"/> gives.</param>
    /// <param name="machines">How many grow the same trees, each from its share of the rows.</param>
    public static string Of(
        BoostedTreesOptions options, ulong seed, LightGbmObjective objective, FeatureLayout features, int threads, int machines = 1)
    {
        Check(options, features);
        var numerics = features.Numerics.Length;
        var categories = Enumerable.Range(numerics, features.Categories.Length);
        var monotone = features.Numerics.Concat(features.Categories)
            .Select(spec => options.Monotone.TryGetValue(spec.Name, out var direction) ? (int)direction : 0);
        List<FormattableString> parameters =
        [
            $"objective={objective.Name}", $"metric=none", $"alpha={objective.Alpha}",
            $"num_class={objective.Loss.Output.Width}",
            $"num_leaves={options.Leaves}", $"max_depth={options.MaxDepth ?? -1}", $"learning_rate={options.LearningRate}",
            $"min_data_in_leaf={options.MinExamplesInLeaf}", $"lambda_l1={options.L1}", $"lambda_l2={options.L2}",
            $"min_gain_to_split={options.MinGain}",
            $"bagging_fraction={options.BaggingShare}", $"bagging_freq={(options.BaggingShare < 1 ? 1 : 0)}",
            $"feature_fraction={options.FeatureShare}", $"max_bin={options.MaxBins}",
            $"cat_smooth={options.CategorySmoothing}", $"cat_l2={options.CategoryL2}",
            $"max_cat_threshold={options.MaxCategoriesPerSplit}",
            $"seed={(int)(seed & int.MaxValue)}", $"num_threads={threads}",
            // Row by row, histograms are summed in as many parts as there are threads; column by column each is one chain.
            $"deterministic=true", $"force_col_wise=true", $"verbosity=-1",
        ];
        if (features.Categories.Length > 0)
        {
            parameters.Add($"categorical_feature={string.Join(',', categories)}");
        }

        if (!options.Monotone.IsEmpty)
        {
            parameters.Add($"monotone_constraints={string.Join(',', monotone)}");
        }

        if (machines > 1)
        {
            // Which features share a column of bins is found by chance, by the number of rows, and would differ from share to share.
            parameters.AddRange([$"tree_learner=data", $"num_machines={machines}", $"enable_bundle=false"]);
        }

        return string.Join(' ', parameters.Select(FormattableString.Invariant));
    }

    static void Check(BoostedTreesOptions options, FeatureLayout features)
    {
        var problems = new List<string>();
        foreach (var (name, direction) in options.Monotone.OrderBy(feature => feature.Key, StringComparer.Ordinal))
        {
            if (!Enum.IsDefined(direction))
            {
                problems.Add($"monotone feature '{name}': found {direction}, expected Increasing or Decreasing");
            }

            if (!features.Numerics.Any(spec => spec.Name == name))
            {
                problems.Add(features.Categories.Any(spec => spec.Name == name)
                    ? $"monotone feature '{name}' is a category; only numbers have an order"
                    : $"monotone feature '{name}' does not exist; numeric features are " +
                      string.Join(", ", features.Numerics.Select(spec => spec.Name)));
            }
        }

        foreach (var spec in features.Categories.Where(spec => spec.Cardinality > MostCategories))
        {
            problems.Add(
                $"feature '{spec.Name}' has {spec.Cardinality:N0} categories; boosted trees split on at most {MostCategories:N0}: " +
                "use fewer buckets, or a number in the category's place, such as target_encode(column)");
        }

        if (features.Numerics.Length + features.Categories.Length == 0)
        {
            problems.Add("there are no features");
        }

        if (problems.Count > 0)
        {
            throw new ArgumentException($"Boosted trees can't be grown on these features: {string.Join("; ", problems)}.");
        }
    }
}
