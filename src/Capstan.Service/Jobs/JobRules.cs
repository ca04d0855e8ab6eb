using System.Text.Json.Nodes;

namespace Capstan.Service;

/// <summary>What a job must say, as CMLE checked it.</summary>
static class JobRules
{
    const int MostPackages = 100;
    const int MostDiscreteValues = 1000;

    static readonly string[] ModelFields = ["modelName", "versionName", "uri"];
    static readonly string[] Groups = ["worker", "parameterServer", "evaluator"];

    /// <exception cref="ServiceException">Something is missing or contradicts something else.</exception>
    public static void Require(JsonObject job)
    {
        switch (job["trainingInput"], job["predictionInput"])
        {
            case (JsonObject training, null):
                RequireTraining(training);
                break;
            case (null, JsonObject prediction):
                RequirePrediction(prediction);
                break;
            default:
                throw ServiceException.Invalid("trainingInput", "a job has either trainingInput or predictionInput.");
        }
    }

    static void RequireTraining(JsonObject input)
    {
        var isCustom = $"{input["scaleTier"]}" == "CUSTOM";
        if (isCustom && input["masterType"] is null)
        {
            throw ServiceException.Invalid("trainingInput.masterType", "scaleTier CUSTOM needs it.");
        }

        foreach (var group in Groups)
        {
            var count = $"{input[$"{group}Count"]}";
            if (count is not ("" or "0") && !isCustom)
            {
                throw ServiceException.Invalid($"trainingInput.{group}Count",
                    $"found {count}; counts go with scaleTier CUSTOM only.");
            }

            if (count is not ("" or "0") && input[$"{group}Type"] is null)
            {
                throw ServiceException.Invalid($"trainingInput.{group}Type", $"{group}Count {count} needs it.");
            }
        }

        if (input["packageUris"] is JsonArray { Count: > MostPackages } packages)
        {
            throw ServiceException.Invalid("trainingInput.packageUris",
                $"there are {packages.Count}, expected at most {MostPackages}.");
        }

        if (input["pipeline"] is null && input["pythonModule"] is null &&
            (input["masterConfig"] as JsonObject)?["imageUri"] is null)
        {
            throw ServiceException.Invalid("trainingInput.pythonModule",
                "there is nothing to run; name a module, or send a pipeline (v1beta).");
        }

        if (input["pipeline"] is not null && input["dataUris"] is not JsonArray { Count: > 0 })
        {
            throw ServiceException.Invalid("trainingInput.dataUris", "a pipeline needs data to learn from.");
        }

        if (input["scheduling"] is JsonObject scheduling && scheduling["priority"]?.GetValue<int>() is < 0 or > 1000)
        {
            throw ServiceException.Invalid("trainingInput.scheduling.priority",
                $"found {input["scheduling"]!["priority"]}, expected 0 to 1000.");
        }

        if (input["hyperparameters"] is JsonObject hyperparameters)
        {
            RequireHyperparameters(hyperparameters, "trainingInput.hyperparameters");
        }
    }

    static void RequireHyperparameters(JsonObject spec, string path)
    {
        if (spec["params"] is not JsonArray { Count: > 0 } parameters)
        {
            throw ServiceException.Invalid($"{path}.params", "there is nothing to search over.");
        }

        var names = new HashSet<string>();
        foreach (var (index, parameter) in parameters.OfType<JsonObject>().Index())
        {
            var at = $"{path}.params[{index}]";
            if (!names.Add($"{parameter["parameterName"]}") || $"{parameter["parameterName"]}".Length == 0)
            {
                throw ServiceException.Invalid($"{at}.parameterName",
                    $"'{parameter["parameterName"]}' is empty or stands there twice.");
            }

            RequireParameter(parameter, at, isGrid: $"{spec["algorithm"]}" == "GRID_SEARCH");
        }
    }

    static void RequireParameter(JsonObject parameter, string at, bool isGrid)
    {
        var type = $"{parameter["type"]}";
        double? least = parameter["minValue"]?.GetValue<double>(), most = parameter["maxValue"]?.GetValue<double>();
        double[] values =
            [.. (parameter["discreteValues"] as JsonArray ?? []).Select(value => value!.GetValue<double>())]; // read as numbers
        switch (type)
        {
            case "DOUBLE" when isGrid:
                throw ServiceException.Invalid($"{at}.type", "GRID_SEARCH has no steps for DOUBLE; use DISCRETE.");
            case "DOUBLE" or "INTEGER" when !(least <= most):
                throw ServiceException.Invalid($"{at}.minValue", $"found {least} to {most}; expected both, the smaller first.");
            case "CATEGORICAL" when parameter["categoricalValues"] is not JsonArray { Count: > 0 }:
                throw ServiceException.Invalid($"{at}.categoricalValues", "there are none.");
            case "DISCRETE" when values.Length is 0 or > MostDiscreteValues ||
                values.Zip(values.Skip(1)).Any(pair => !(pair.First < pair.Second)):
                throw ServiceException.Invalid($"{at}.discreteValues",
                    $"expected 1 to {MostDiscreteValues} numbers, each larger than the one before.");
            case "DOUBLE" or "INTEGER" or "CATEGORICAL" or "DISCRETE":
                break;
            default:
                throw ServiceException.Invalid($"{at}.type", "expected DOUBLE, INTEGER, CATEGORICAL or DISCRETE.");
        }

        if ($"{parameter["scaleType"]}".Contains("LOG") && !((type == "DISCRETE" ? values.Min() : least) > 0))
        {
            throw ServiceException.Invalid($"{at}.scaleType", "a logarithmic scale needs values above 0.");
        }
    }

    static void RequirePrediction(JsonObject input)
    {
        var models = ModelFields.Count(name => input[name] is not null);
        if (models != 1)
        {
            throw ServiceException.Invalid("predictionInput.modelName",
                "a batch prediction has exactly one of modelName, versionName and uri.");
        }

        if ($"{input["dataFormat"]}" is var format && format is not ("JSON" or "TEXT"))
        {
            throw new ServiceException(
                format.StartsWith("TF_", StringComparison.Ordinal) ? StatusCode.Unimplemented : StatusCode.InvalidArgument,
                $"Field 'predictionInput.dataFormat': found {(format.Length == 0 ? "nothing" : format)}, expected JSON or " +
                    $"TEXT: a JSON instance on each line.",
                new FieldViolation("predictionInput.dataFormat", "expected JSON or TEXT"));
        }

        if (input["inputPaths"] is not JsonArray { Count: > 0 })
        {
            throw ServiceException.Invalid("predictionInput.inputPaths", "there are none.");
        }

        if (input["outputPath"]?.GetValue<string>() is not { Length: > 0 })
        {
            throw ServiceException.Invalid("predictionInput.outputPath", "it must say where results go.");
        }
    }
}
