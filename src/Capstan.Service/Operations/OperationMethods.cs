using System.Text.Json.Nodes;
using Capstan.Registry;

namespace Capstan.Service;

/// <summary>Operations of projects and of locations.</summary>
sealed class OperationMethods : IMethodGroup
{
    public IEnumerable<(string Id, Func<ApiRequest, Task<Answer>> Handle)> Methods =>
    [
        ("ml.projects.operations.get", GetAsync),
        ("ml.projects.operations.list", ListAsync),
        ("ml.projects.operations.cancel", CancelAsync),
        ("ml.projects.locations.operations.get", GetAsync),
        ("ml.projects.locations.operations.cancel", CancelAsync),
    ];

    static async Task<Answer> GetAsync(ApiRequest request) => Answer.Of(await request.ReadAsync(async session =>
        Operations.Render(await session.Resources.FindAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name))));

    static async Task<Answer> ListAsync(ApiRequest request) =>
        Answer.Of(await request.ReadAsync(session => ResourceList.ReadAsync(
        request, session, Operations.Kind, "operations", ResourceOrder.NewestFirst,
        ApiSurface.V1.Message("longrunning.Operation"), Operations.Render)));

    /// <summary>Best effort: what is done stays done.</summary>
    static async Task<Answer> CancelAsync(ApiRequest request) => Answer.Of(await request.WriteAsync(async session =>
    {
        var operation = await session.Resources.FindForUpdateAsync(request.Name, request.Cancellation) ??
            throw ServiceException.NotFound(request.Name);
        if (operation.Body["done"] is null && operation.Body["metadata"] is JsonObject metadata)
        {
            metadata["isCancellationRequested"] = true;
            await session.Resources.TryUpdateAsync(operation, request.Cancellation);
        }

        return new JsonObject();
    }));
}
