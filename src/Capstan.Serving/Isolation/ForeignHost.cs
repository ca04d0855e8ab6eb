using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Serving;

/// <summary>
/// The other side of <see cref="IsolatedRuntime"/>: a process that holds one model of another program and computes what it is asked, until
/// who started it closes its standard input. Its program has added the model's runtime.
/// </summary>
public sealed class ForeignHost
{
    volatile IForeignPredictor? _model;

    ForeignHost()
    {
    }

    /// <summary>Connects to who started this process, and returns when that ends.</summary>
    /// <param name="socket">The path of its socket.</param>
    /// <param name="places">How many connections to make, each with a thread of its own.</param>
    public static async Task RunAsync(string socket, int places, Stream input)
    {
        var host = new ForeignHost();
        for (var place = 0; place < places; place++)
        {
            var line = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            line.Connect(new UnixDomainSocketEndPoint(socket));
            new Thread(() => host.Serve(new HostChannel(line))) { IsBackground = true }.Start();
        }

        await input.CopyToAsync(Stream.Null);
        // A model that loops for ever in native code would keep a process that ends politely.
        using var own = Process.GetCurrentProcess();
        own.Kill();
    }

    void Serve(HostChannel channel)
    {
        try
        {
            var answer = new ArrayBufferWriter<byte>();
            FeatureBuffer? features = null;
            PredictorWorkspace? workspace = null;
            while (channel.Receive(null, Array.MaxLength, out var body) is { } kind)
            {
                answer.ResetWrittenCount();
                try
                {
                    if (kind == HostFrame.Model)
                    {
                        var model = channel.TakeReceived();
                        channel.Receive(null, Array.MaxLength, out _);
                        _model = ForeignMessages.ReadModel(model, channel.TakeReceived());
                        answer.Write(ForeignMessages.WriteOutput(_model.Output));
                    }
                    else
                    {
                        var model = _model!; // It was loaded before anything was asked.
                        (features, workspace) = (features ?? new FeatureBuffer(model.Features), workspace ?? model.CreateWorkspace());
                        ForeignMessages.ReadFeatures(body, features);
                        var scores = answer.GetSpan(4 * features.RowCount * model.Output.Width)[..(4 * features.RowCount * model.Output.Width)];
                        model.Predict(features, MemoryMarshal.Cast<byte, float>(scores), workspace);
                        answer.Advance(scores.Length);
                    }
                }
                catch (Exception problem)
                {
                    // The edge of a call: the other side knows what it asked for, and says it on.
                    channel.Send(HostFrame.Refusal, Encoding.UTF8.GetBytes(problem is ForeignModelException { Problem: var known } ? known : problem.Message));
                    continue;
                }

                channel.Send(HostFrame.Answer, answer.WrittenSpan);
            }
        }
        catch (SocketException)
        {
            // Who asked is gone; the standard input says the same.
        }
    }
}
