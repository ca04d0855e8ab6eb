using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Capstan.Cluster;

/// <summary>
/// Runs a program as chief, workers, parameter servers and evaluators on machines of a pool. Each finds its part in TF_CONFIG and
/// CLUSTER_SPEC; what they write comes here line by line.
/// </summary>
/// <remarks>
/// The chief's end is the end, with its exit code. A member that fails, or is lost with its machine, ends the others, with its
/// exit code; a worker that ends well is waited for no longer. Members hold a connection to this process and end when it does.
/// </remarks>
/// <param name="written">Gets each line: the member, the text, and whether it was written to standard error. Called from one
/// thread at a time.</param>
public sealed class DistributedRun(RunOptions options, IMachinePool pool, Action<Member, string, bool> written)
{
    // A member that is killed with its machine leaves no exit code.
    const int Lost = 1;

    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);

    // Longer than members give their programs to end.
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(8);

    readonly JoinToken _token = JoinToken.Create();
    readonly ImmutableArray<Member> _members = [.. options.Members()];
    readonly Channel<(Member Member, MemberMessage? Message)> _events = Channel.CreateUnbounded<(Member, MemberMessage?)>();
    readonly Dictionary<Member, (SealedChannel Channel, string Place)> _arrived = [];
    readonly HashSet<Member> _ended = [];
    readonly Dictionary<Member, MachineLease> _leases = [];

    /// <exception cref="PoolException">The pool has too few machines, or refused.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the members have ended.</exception>
    public async Task<RunOutcome> RunAsync(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(options.Address, 0);
        listener.Start();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reception = ReceiveAsync(listener, over.Token);
        try
        {
            await LeaseAsync(((IPEndPoint)listener.LocalEndpoint).Port, cancellationToken);
            await GatherAsync(cancellationToken);
            await StartAsync(cancellationToken);
            return await FollowAsync(cancellationToken);
        }
        finally
        {
            await EndAsync();
            await over.CancelAsync();
            listener.Stop();
            await reception;
        }
    }

    async Task LeaseAsync(int port, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Logs);
        foreach (var member in _members)
        {
            var request = new MachineRequest(
                $"{options.Name}-{member}",
                [.. options.Self, "member", "--run", $"{options.Address}:{port}", "--name", member.ToString()],
                ImmutableDictionary<string, string>.Empty.Add(JoinToken.Variable, _token.Text),
                options.Folder, Path.Combine(options.Logs, $"{member}.log"))
            {
                Needs = options.Needs, IsBare = options.IsBare,
            };
            _leases[member] = await pool.TryLeaseAsync(request, cancellationToken)
                ?? throw new PoolException(pool.Name, $"has no place for {member}, the {_leases.Count + 1}. of {_members.Length} members.");
        }
    }

    // One task for each connection; what it hears comes into one queue, so that decisions are made in one place.
    async Task ReceiveAsync(TcpListener listener, CancellationToken over)
    {
        var listeners = new List<Task>();
        try
        {
            while (true)
            {
                listeners.Add(HearAsync(await listener.AcceptSocketAsync(over), over));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(listeners);
        }
    }

    async Task HearAsync(Socket socket, CancellationToken over)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(over);
        patience.CancelAfter(Handshake);
        if (await SealedChannel.AcceptAsync(socket, _token, patience.Token) is not { } channel)
        {
            return;
        }

        await using (channel)
        {
            try
            {
                if (await channel.ReceiveAsync(over) is not { } first || MemberMessage.Read(first.Span) is not MemberMessage.Arrived arrived ||
                    _members.Where(member => member.ToString() == arrived.Member).ToArray() is not [var member] || !Admit(member, channel, arrived.Place))
                {
                    return;
                }

                _events.Writer.TryWrite((member, arrived));
                MemberMessage? said = arrived;
                while (said is not (null or MemberMessage.Ended))
                {
                    said = await channel.ReceiveAsync(over) is { } bytes ? MemberMessage.Read(bytes.Span) : null;
                    _events.Writer.TryWrite((member, said));
                }
            }
            catch (OperationCanceledException)
            {
                // The run is over.
            }
        }
    }

    bool Admit(Member member, SealedChannel channel, string place)
    {
        lock (_arrived)
        {
            return _arrived.TryAdd(member, (channel, place));
        }
    }

    async Task GatherAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Patience);
        var here = new HashSet<Member>();
        while (here.Count < _members.Length)
        {
            try
            {
                using var look = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
                look.CancelAfter(Look);
                var (member, message) = await _events.Reader.ReadAsync(look.Token);
                here.Add(message is MemberMessage.Arrived ? member : throw LostBefore(member));
            }
            catch (OperationCanceledException) when (!patience.IsCancellationRequested)
            {
                foreach (var member in _members.Where(member => !here.Contains(member)))
                {
                    if (await pool.LookAsync(_leases[member], cancellationToken) == LeaseState.Ended && !ArrivedMembers().ContainsKey(member))
                    {
                        throw LostBefore(member);
                    }
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new PoolException(
                    pool.Name, $"gave {here.Count} of {_members.Length} machines within {options.Patience.TotalSeconds:0} s; missing: " +
                    $"{string.Join(", ", _members.Where(member => !here.Contains(member)))}.");
            }
        }
    }

    Dictionary<Member, (SealedChannel Channel, string Place)> ArrivedMembers()
    {
        lock (_arrived)
        {
            return new(_arrived);
        }
    }

    PoolException LostBefore(Member member)
    {
        var log = Path.Combine(options.Logs, $"{member}.log");
        var said = File.Exists(log) ? File.ReadLines(log).FirstOrDefault() : null;
        return new PoolException(pool.Name, $"lost {member} before it began{(said is null ? "" : $"; it wrote '{said}'")}; see {log}.");
    }

    async Task StartAsync(CancellationToken cancellationToken)
    {
        var spec = new ClusterSpec(
            ArrivedMembers().ToImmutableSortedDictionary(each => each.Key, each => each.Value.Place, ClusterSpec.Order),
            Path.GetFileName(options.Command[0]), options.Command[1..])
        {
            ChiefTask = options.ChiefTask, JobText = options.JobText,
        };
        foreach (var (member, (channel, _)) in ArrivedMembers())
        {
            await channel.SendAsync(
                new MemberMessage.Start(options.Command, spec.VariablesOf(member), options.Folder).Write(), cancellationToken);
        }
    }

    async Task<RunOutcome> FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (member, message) = await NextAsync(cancellationToken);
            if (Decide(member, message) is { } outcome)
            {
                return outcome;
            }
        }
    }

    static RunOutcome? Decide(Member member, MemberMessage? message) => message switch
    {
        MemberMessage.Line or MemberMessage.Arrived => null,
        MemberMessage.Ended { Problem: { } problem } ended => new RunOutcome(ended.Code, $"{member}: {problem}"),
        MemberMessage.Ended ended when member.Role == MemberRole.Chief => new RunOutcome(ended.Code, $"{member} ended with exit code {ended.Code}"),
        MemberMessage.Ended { Code: 0 } => null,
        MemberMessage.Ended ended => new RunOutcome(ended.Code, $"{member} failed with exit code {ended.Code}"),
        _ => new RunOutcome(Lost, $"{member} was lost"),
    };

    // Asks all to end, passes on what they still write, and gives the machines back.
    async Task EndAsync()
    {
        using var patience = new CancellationTokenSource(Farewell);
        var running = ArrivedMembers().Where(each => !_ended.Contains(each.Key)).ToDictionary();
        foreach (var (channel, _) in running.Values)
        {
            try
            {
                await channel.SendAsync(new MemberMessage.Stop().Write(), patience.Token);
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // It has ended before; the queue will say so.
            }
        }

        try
        {
            while (running.Keys.Any(member => !_ended.Contains(member)))
            {
                await NextAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever does not end by itself is ended with its machine.
        }

        foreach (var lease in _leases.Values)
        {
            await pool.ReturnAsync(lease, CancellationToken.None);
        }
    }

    // What was heard next; lines are passed on, ends noted.
    async Task<(Member Member, MemberMessage? Message)> NextAsync(CancellationToken cancellationToken)
    {
        var (member, message) = await _events.Reader.ReadAsync(cancellationToken);
        if (message is MemberMessage.Line line)
        {
            written(member, line.Text, line.IsError);
        }
        else if (message is null or MemberMessage.Ended)
        {
            _ended.Add(member);
        }

        return (member, message);
    }
}
