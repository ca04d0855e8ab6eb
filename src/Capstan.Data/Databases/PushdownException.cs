namespace Capstan.Data;

/// <summary>Rows that can't be asked about where they are, since a database would not take them as they are read here.</summary>
/// <param name="subject">The file, table or column.</param>
/// <param name="problem">What is in the way and what to do, as a sentence without the subject.</param>
public sealed class PushdownException(string subject, string problem) : Exception($"{subject}: {problem}")
{
    public string Subject { get; } = subject;
}
