using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Policies of projects, models and jobs: who has which role there.</summary>
sealed class PolicyMethods(AccessControl access) : IMethodGroup
{
    static readonly string[] Collections = ["ml.projects", "ml.projects.models", "ml.projects.jobs"];
    static readonly string[] MemberKinds = ["user:", "serviceAccount:", "group:"];

    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
        Collections.SelectMany(collection => new (string, Func<ApiRequest, Task<Answer>>)[]
        {
            ($"{collection}.getIamPolicy", GetAsync),
            ($"{collection}.setIamPolicy", SetAsync),
            ($"{collection}.testIamPermissions", TestAsync),
        });

    static async Task<Answer> GetAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
    {
        await RequireThereAsync(request, session);
        var (policy, revision) = await session.Access.PolicyAsync(request.Name, request.Cancellation);
        return Render(policy, revision);
    }));

    static async Task<Answer> SetAsync(ApiRequest request)
    {
        if (request.Body["policy"] is not JsonObject policy)
        {
            throw ServiceException.Invalid("policy", "it must be there, with bindings of roles to members.");
        }

        RequireBindings(policy);
        var etag = policy["etag"]?.GetValue<string>();
        policy.Remove("etag");
        return Answer.Of(await request.WriteAsync(async session =>
        {
            await RequireThereAsync(request, session);
            var (_, revision) = await session.Access.PolicyAsync(request.Name, request.Cancellation);
            if (etag is not null && etag != Resource.EtagOf(revision))
            {
                throw ServiceException.StaleEtag($"{request.Name}'s policy");
            }

            var next = await session.Access.TrySetPolicyAsync(request.Name, policy, revision, request.Cancellation) ??
                throw ServiceException.StaleEtag($"{request.Name}'s policy");
            return Render(policy, next);
        }));
    }

    async Task<Answer> TestAsync(ApiRequest request)
    {
        var granted = new JsonArray();
        foreach (var permission in (request.Body["permissions"] as JsonArray ?? []).Select(each => $"{each}"))
        {
            if (await access.MayAsync(request.Caller, permission, request.Name, request.Cancellation))
            {
                granted.Add(permission);
            }
        }

        return Answer.Of(granted.Count == 0 ? [] : new JsonObject { ["permissions"] = granted });
    }

    static JsonObject Render(JsonObject policy, long revision)
    {
        var json = policy.DeepClone().AsObject();
        json["etag"] = Resource.EtagOf(revision);
        json.TryAdd("version", 1);
        return json;
    }

    /// <summary>A project is there as soon as anybody speaks of it; models and jobs must exist.</summary>
    static async Task RequireThereAsync(ApiRequest request, RegistrySession session)
    {
        if (request.Name.Split('/').Length > 2 && await session.Resources.FindAsync(request.Name, request.Cancellation) is null)
        {
            throw ServiceException.NotFound(request.Name);
        }
    }

    static void RequireBindings(JsonObject policy)
    {
        foreach (var (index, binding) in (policy["bindings"] as JsonArray ?? []).OfType<JsonObject>().Index())
        {
            if (Roles.Find($"{binding["role"]}") is null)
            {
                throw ServiceException.Invalid(
                    $"policy.bindings[{index}].role",
                    $"'{Quote.Short($"{binding["role"]}")}' is no role; there are {string.Join(", ", Roles.All)}.");
            }

            if (binding["condition"] is not null)
            {
                throw new ServiceException(
                    StatusCode.Unimplemented, $"Field 'policy.bindings[{index}].condition': bindings here hold always or not " +
                        $"at all; leave the condition out.");
            }

            foreach (var member in (binding["members"] as JsonArray ?? []).Select(each => $"{each}"))
            {
                // "allUsers" among them: nothing here is for whoever comes along.
                if (!MemberKinds.Any(kind => member.StartsWith(kind, StringComparison.Ordinal) && member.Length > kind.Length))
                {
                    throw ServiceException.Invalid(
                        $"policy.bindings[{index}].members",
                        $"'{Quote.Short(member)}' is no member; expected user:EMAIL or serviceAccount:NAME.");
                }
            }
        }
    }
}
