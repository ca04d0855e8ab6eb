namespace Capstan.Service;

/// <summary>What a role may: permissions are <c>ml.COLLECTION.VERB</c>.</summary>
static class Roles
{
    public const string Viewer = "roles/ml.viewer";
    public const string Predictor = "roles/ml.predictor";
    public const string Developer = "roles/ml.developer";
    public const string Owner = "roles/ml.owner";

    // CMLE's own names, and the basic ones, for policies that were written for it.
    static readonly Dictionary<string, string> Others = new()
    {
        ["roles/ml.admin"] = Owner, ["roles/owner"] = Owner,
        ["roles/editor"] = Developer, ["roles/ml.modelOwner"] = Owner, ["roles/ml.jobOwner"] = Owner,
        ["roles/ml.modelUser"] = Predictor, ["roles/viewer"] = Viewer, ["roles/ml.operationOwner"] = Developer,
    };

    public static IReadOnlyList<string> All { get; } = [Viewer, Predictor, Developer, Owner];

    /// <returns>The role of ours that a policy's name means; null: none.</returns>
    public static string? Find(string name) => All.Contains(name) ? name : Others.GetValueOrDefault(name);

    public static bool Grants(string role, string permission)
    {
        var verb = permission[(permission.LastIndexOf('.') + 1)..];
        return Find(role) switch
        {
            Owner => true,
            Developer => verb is not ("setIamPolicy" or "getIamPolicy" or "listAuditEntries"),
            Predictor => permission is "ml.models.predict" or "ml.models.get" or "ml.versions.get",
            Viewer => verb is "get" or "list" or "getConfig",
            _ => false,
        };
    }
}
