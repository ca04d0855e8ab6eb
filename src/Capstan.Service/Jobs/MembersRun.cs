namespace Capstan.Service;

/// <summary>A trainer to run as several processes, each of which finds its part in its environment.</summary>
/// <param name="Command">The program and its arguments, the same for all.</param>
/// <param name="Folder">Where they run; what they write here is kept.</param>
/// <param name="Logs">Where what the machines themselves say goes.</param>
/// <param name="ChiefTask">What TF_CONFIG calls the one that leads: <c>chief</c>, or <c>master</c> for older programs.</param>
/// <param name="Job">The member <c>job</c> of TF_CONFIG, as JSON.</param>
public sealed record MembersRun(
    IReadOnlyList<string> Command, string Folder, string Logs, JobMembers Members, string ChiefTask, string Job);
