using Capstan.Benchmarks;

// benchmarks/run AREA [--rows N] [--json FILE]. A new area costs one class and one line here.
Dictionary<string, Func<BenchmarkReport>> areas = new()
{
    ["analysis"] = AnalysisBenchmark.Run,
    ["clicks"] = ClicksBenchmark.Run,
    ["data-work"] = DataWorkBenchmark.Run,
    ["inference"] = InferenceBenchmark.Run,
    ["linear"] = LinearBenchmark.Run,
    ["memory"] = MemoryBenchmark.Run,
    ["network"] = NetworkBenchmark.Run,
    ["parameters"] = ParametersBenchmark.Run,
    ["parameters-training"] = ParametersBenchmark.RunTraining,
    ["parity"] = ParityBenchmark.Run,
    ["pushdown"] = PushdownBenchmark.Run,
    ["simulation"] = SimulationBenchmark.Run,
    ["serving"] = ServingBenchmark.Run,
    ["serving-peers"] = ServingPeersBenchmark.Run,
    ["service"] = ServiceBenchmark.Run,
    ["stream"] = StreamBenchmark.Run,
    ["transform"] = TransformBenchmark.Run,
    ["trees"] = TreesBenchmark.Run,
    ["vocabulary"] = VocabularyBenchmark.Run,
};

// Faults have no rates and no peers: promises, kept or not.
if (args is ["serving-faults"] or ["serving-faults", "--long"])
{
    var faults = await FaultBenchmark.RunAsync(args.Length == 1 ? FaultPlan.Short : FaultPlan.Long, row => Console.Error.WriteLine($"{row.Fault}: {row.Seen}"));
    Console.WriteLine(FaultTable.Write(faults));
    return faults.All(row => row.IsMet) ? 0 : 1;
}

// The other end of the parameters' benchmark, which it starts itself.
if (args is ["parameters-member"])
{
    return ParameterMember.Run();
}

if (args is [var area and ("analysis" or "clicks" or "trees"), "--rows", var rows, .. var rest])
{
    Environment.SetEnvironmentVariable($"CAPSTAN_{area.ToUpperInvariant()}_ROWS", rows);
    args = [area, .. rest];
}

if (args is not ([_] or [_, "--json", _]) || !areas.TryGetValue(args[0], out var run))
{
    Console.Error.WriteLine($"Usage: benchmarks/run AREA [--rows N (analysis, clicks, trees)] [--json FILE], where AREA is one of: {string.Join(", ", areas.Keys)}; or benchmarks/run serving-faults [--long].");
    return 2;
}

var report = run();
Console.WriteLine(report.ToTable());
if (args.Length == 3)
{
    File.WriteAllText(args[2], report.ToJson());
}

return report.Rows.All(row => row.IsMet) ? 0 : 1;
