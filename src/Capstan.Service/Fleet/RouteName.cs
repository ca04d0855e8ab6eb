namespace Capstan.Service;

/// <summary>
/// How the models of all projects are named in one routing table: a model of the project <c>default</c> by its own name, others
/// <c>PROJECT.MODEL</c>. Neither name has a dot of its own, so no two models meet.
/// </summary>
static class RouteName
{
    const string UsualProject = "default";

    /// <param name="name"><c>projects/P/models/M</c>, or a version of it.</param>
    public static string Of(string name) => name.Split('/') is ["projects", var project, "models", var model, ..]
        ? project == UsualProject ? model : $"{project}.{model}"
        : throw new ArgumentException($"'{name}' is not the name of a model or version.", nameof(name));

    /// <summary>The model that a route is for: <c>projects/P/models/M</c>, whether there is one or not.</summary>
    public static string ModelOf(string route) => route.Split('.', 2) is [var project, var model]
        ? $"projects/{project}/models/{model}"
        : $"projects/{UsualProject}/models/{route}";
}
