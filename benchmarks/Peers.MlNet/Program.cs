using System.Globalization;
using Capstan.Benchmarks.Peers;

// A child of Capstan.Benchmarks. Commands come line by line on the standard input, one line answers each:
//   version                     of ML.NET
//   transform-load FILE         rows and terms that TransformTask saved; fits the pipeline → rows of one pass
//   transform-constants         → per number column: offset scale, count of bounds, bounds
//   transform-output FILE       writes what every row became, for comparison → "ok"
//   transform-pass GROUP COUNT  so many passes of a cursor over the group's columns → CPU seconds
//   linear-load FILE            flights as CSV; fits the features and writes FILE.idv → rows
//   linear-pass FORMAT          one pass over csv or idv: read, transform, learn → CPU seconds
//   linear-quality              trains on January to May → area under the ROC curve on June
//   trees-train TREES LEAVES RATE TRAIN TEST  from a CSV of flights to trees → CPU seconds, area under the ROC curve on the test file
//   analysis-pass FILE          forty columns of a CSV fitted and transformed → CPU seconds, the means of the numbers
TransformPeer? transform = null;
LinearPeer? linear = null;
while (Console.ReadLine() is { } line)
{
    var words = line.Split(' ', 2);
    Console.WriteLine(words[0] switch
    {
        "version" => MlNetVersion.Text,
        "transform-load" => (transform = new TransformPeer(words[1])).RowsPerPass.ToString(CultureInfo.InvariantCulture),
        "transform-constants" when transform is not null => transform.Constants(),
        "transform-output" when transform is not null => transform.Save(words[1]),
        "transform-pass" when transform is not null && words[1].Split(' ') is [var group, var count] =>
            Numbers(transform.Pass(group, int.Parse(count, CultureInfo.InvariantCulture))),
        "analysis-pass" => Numbers(new AnalysisPeer(words[1]).Pass()),
        "trees-train" => Numbers(TreesPeer.Train(words[1].Split(' '))),
        "linear-load" => (linear = new LinearPeer(words[1])).RowCount.ToString(CultureInfo.InvariantCulture),
        "linear-pass" when linear is not null => Numbers(linear.Pass(words[1])),
        "linear-quality" when linear is not null => Numbers(linear.Quality()),
        _ => throw new InvalidOperationException($"Unknown command '{line}'."),
    });
}

static string Numbers(params double[] numbers) =>
    string.Join(' ', numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture)));
