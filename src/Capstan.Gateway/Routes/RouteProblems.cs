using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>The words for changes of routes that can't be made.</summary>
static class RouteProblems
{
    public static RouteRefusedException UnknownModel(string model, RoutingTable table) => new(
        404, "unknown_model", "There is no such model",
        $"There is no model '{model}' here; there are: {string.Join(", ", table.Models.Select(route => route.Model).Order(StringComparer.Ordinal))}. " +
        $"Deploy a version of it first: capstan deploy.");

    public static RouteRefusedException UnknownVersion(string model, string version) => new(
        404, "unknown_version", "The model has no such version",
        $"There is no version '{version}' of model '{model}' to deploy. Name one that the registry has, or give the folder of a model.");

    public static RouteRefusedException NoFolders(string folder) => new(
        400, "folders_not_taken", "The server deploys versions of its registry",
        $"'{folder}' is a folder, and this server deploys only what its registry has. Make it a version first: capstan versions create " +
        $"MODEL/VERSION --origin FOLDER; then deploy MODEL/VERSION.");

    public static RouteRefusedException NotReady(string message, Exception? cause) => new(
        409, "version_not_ready", "The version is not ready", $"{message} Nothing was changed.", cause);

    public static RouteRefusedException Invalid(string message) => new(
        400, "invalid_route", "The route contradicts itself", message);

    public static RouteRefusedException InUse(string model, string version) => new(
        409, "version_in_use", "The version takes traffic",
        $"Version '{version}' of model '{model}' has a share of the traffic, is a shadow, or has a label. Move those first.");

    public static RouteRefusedException NothingBefore(string model) => new(
        409, "nothing_before", "There is nothing to go back to",
        $"The split of model '{model}' has not been changed since its first; there is nothing to roll back to.");

    public static RouteRefusedException UnknownAnswer(string model, string which) => new(
        404, "unknown_answer", "No such answer is known",
        $"No answer of model '{model}' to {which} is known: it never was, the gateway has started since, or 200,000 answers came after it.");

    public static RouteRefusedException OutcomeKnown(string which) => new(
        409, "outcome_known", "The answer has its outcome", $"An outcome was recorded for {which} answer already; an answer has one.");

    public static RouteRefusedException SameName(string model, RoutedVersion found, string hash) => new(
        409, "version_exists", "The version has another artifact",
        $"Version '{found.Version}' of model '{model}' is the artifact {found.Hash[..12]}…, and this one is {hash[..12]}…. A version never " +
        $"changes; give this one another name.");
}
