namespace Capstan.Serving;

/// <summary>
/// Why a request was refused: one body that serves RFC 9457 (problem+json) and clients of <c>ml/v1</c>, who look for "error".
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">A stable word for programs, such as <c>unknown_field</c>; the list is in docs/guide/serving.md.</param>
/// <param name="Title">The kind of problem in a few words; the same for every request with this code.</param>
/// <param name="Message">What was found, where, what was expected, what to do.</param>
/// <param name="Instance">The 0-based position in "instances", or null where the problem is not in one.</param>
/// <param name="Field">The field, or null where the problem is not in one.</param>
/// <param name="RetryAfterSeconds">When to come again, where that may help.</param>
sealed record Problem(
    int Status, string Code, string Title, string Message, int? Instance = null, string? Field = null, int? RetryAfterSeconds = null);

/// <summary>A request that can't be answered, with what the caller needs in order to correct it.</summary>
sealed class RefusedRequestException(Problem problem) : Exception(problem.Message)
{
    public Problem Problem { get; } = problem;
}
