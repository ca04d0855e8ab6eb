namespace Capstan.Service;

/// <summary>The codes of google.rpc, by which clients know what to do.</summary>
public enum StatusCode
{
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// <summary>What is wrong with a field of a request.</summary>
/// <param name="Field">Its path: <c>trainingInput.workerCount</c>.</param>
readonly record struct FieldViolation(string Field, string Description);

/// <summary>A request that can't be done, with what the caller needs to know.</summary>
sealed class ServiceException(StatusCode code, string message, params IReadOnlyList<FieldViolation> violations)
    : Exception(message)
{
    public StatusCode Code { get; } = code;

    public IReadOnlyList<FieldViolation> Violations { get; } = violations;

    /// <summary>Where HTTP has a word of its own for it, such as 413; otherwise the code's usual one.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>In how many seconds to come again, where that may help.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static ServiceException Invalid(string field, string description) => new(
        StatusCode.InvalidArgument, $"Field '{field}': {description}", new FieldViolation(field, description));

    public static ServiceException NotFound(string name) =>
        new(StatusCode.NotFound,
            $"'{Quote.Short(name)}' was not found. Check the name; 'list' of its parent tells what there is.");

    public static ServiceException Exists(string name) =>
        new(StatusCode.AlreadyExists, $"'{name}' exists already. Choose another name, or delete it first.");

    public static ServiceException StaleEtag(string name) => new(
        StatusCode.Aborted,
        $"'{name}' was changed since its etag was read. Get it again, and apply the change to what it is now.");
}

/// <summary>What callers sent, as messages repeat it.</summary>
static class Quote
{
    const int Longest = 100;

    public static string Short(string text) => text.Length <= Longest ? text : text[..Longest] + "…";
}
