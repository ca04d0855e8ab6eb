using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Capstan.Data;
using Capstan.Features;

namespace Capstan.Benchmarks;

/// <summary>
/// A vocabulary over 50 million distinct texts (CAPSTAN_VOCABULARY_TEXTS) in a process that may take 512 MB: it must end, with the right terms,
/// and its peak resident memory is read when it does. The texts are made on the fly: each number once, and every thousandth twice.
/// </summary>
static class VocabularyBenchmark
{
    const double LimitMegabytes = 512;
    const int Terms = 10_000;

    static readonly long Distinct = long.Parse(
        Environment.GetEnvironmentVariable("CAPSTAN_VOCABULARY_TEXTS") ?? "50000000", CultureInfo.InvariantCulture);

    public static BenchmarkReport Run()
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_VOCABULARY_WORKER") is null)
        {
            return InALimitedProcess();
        }

        var watch = Stopwatch.StartNew();
        var source = new NumberTexts(Distinct);
        var graph = new TransformGraph(source.Schema) { Threads = 2 };
        graph["term"] = ExprParser.Parse($"vocabulary(text, max_size: {Terms}, min_count: 2)");
        var transform = graph.FitAsync(source, null, null, null, CancellationToken.None).GetAwaiter().GetResult();
        var terms = ((FixedTerms)((VocabularyExpr)transform.Features[0].Expr).Terms).Values;
        Check([.. terms]);
        var peak = PeakMegabytes();
        BenchmarkRow[] rows =
        [
            new($"promised limit over the peak found, {Distinct:N0} distinct texts", "kB", "peak", [new RatePair(LimitMegabytes * 1e3, peak * 1e3)], 1,
                FormattableString.Invariant($"{terms.Count:N0} terms, checked; {watch.Elapsed.TotalSeconds:N0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:N0} s of CPU")),
        ];
        return new BenchmarkReport("vocabulary", [.. MachineFacts.All()], rows);
    }

    /// <summary>The collector gets less than the limit, since the runtime itself needs some.</summary>
    static BenchmarkReport InALimitedProcess()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(VocabularyBenchmark).Assembly.Location, "vocabulary"])
        {
            Environment = { ["CAPSTAN_VOCABULARY_WORKER"] = "1", ["DOTNET_GCHeapHardLimit"] = $"0x{380 << 20:X}" },
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("The process for the vocabulary did not start.");
        var table = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Console.WriteLine(table);
        var peak = table.Split('|').Select(cell => cell.Trim()).FirstOrDefault(cell => cell.EndsWith(" k kB", StringComparison.Ordinal) && cell != "512 k kB")
            ?? throw new InvalidOperationException($"The process for the vocabulary ended with {process.ExitCode}.");
        var megabytes = double.Parse(peak[..^5].Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var note = table.Split('|').Select(cell => cell.Trim()).Last(cell => cell.Contains("terms, checked", StringComparison.Ordinal));
        return new BenchmarkReport(
            "vocabulary", [.. MachineFacts.All()],
            [new($"promised limit over the peak found, {Distinct:N0} distinct texts", "kB", "peak", [new RatePair(LimitMegabytes * 1e3, megabytes * 1e3)], 1, note)]);
    }

    static void Check(string[] terms)
    {
        var expected = NumberTexts.Repeated(Distinct).OrderDescending(StringComparer.Ordinal).Take(Terms).ToArray();
        if (!terms.SequenceEqual(expected, StringComparer.Ordinal))
        {
            throw new InvalidOperationException($"{terms.Length:N0} terms were found, starting with '{terms.FirstOrDefault()}'; " +
                $"expected {expected.Length:N0}, starting with '{expected.FirstOrDefault()}'.");
        }
    }

    static double PeakMegabytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Texts such as <c>user-00000012345-x</c>, in splits of a million.</summary>
    sealed class NumberTexts(long distinct) : IBatchSource
    {
        const long SplitTexts = 1_000_000;
        const int RepeatedEvery = 1000;
        const int BatchRows = 8000;

        public Schema Schema { get; } = new([new("text", DataType.Text)]);

        public IReadOnlyList<Split> Splits { get; } =
            [.. Enumerable.Range(0, (int)((distinct + SplitTexts - 1) / SplitTexts)).Select(index => new Split(index, $"part {index}", null))];

        public string Fingerprint => $"numbers {distinct}";

        public static IEnumerable<string> Repeated(long distinct)
        {
            for (var number = 0L; number < distinct; number += RepeatedEvery)
            {
                yield return Text(number);
            }
        }

        public async IAsyncEnumerable<ColumnBatch> ReadAsync(
            Split split, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            var builder = new BatchBuilder(Schema);
            var end = Math.Min(distinct, (split.Index + 1) * SplitTexts);
            for (var number = split.Index * SplitTexts; number < end;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                builder.Clear();
                for (var batchEnd = Math.Min(end, number + BatchRows); number < batchEnd; number++)
                {
                    builder.Columns[0].Append(Text(number));
                    if (number % RepeatedEvery == 0)
                    {
                        builder.Columns[0].Append(Text(number));
                    }
                }

                yield return builder.Batch;
            }
        }

        static string Text(long number) => string.Create(CultureInfo.InvariantCulture, $"user-{number * 2654435761 % 100_000_000_007:00000000000}-x");
    }
}
