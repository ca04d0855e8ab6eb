using System.Buffers;
using System.Globalization;
using Capstan.Data;
using Capstan.Serving;

namespace Capstan.Benchmarks;

/// <summary>The model that is served: a network over 20 raw columns (numbers, texts, a truth, a time) with its whole preprocessing.</summary>
static class WideModel
{
    const int Rows = 8000;
    const int Numbers = 12;
    const int Texts = 6;

    /// <summary>Trains it and saves it as an artifact.</summary>
    /// <param name="hidden">The widths of the hidden layers.</param>
    public static async Task<TrainedModel> TrainAsync(string folder, params int[] hidden)
    {
        var file = Path.Combine(folder, "wide.csv");
        if (!File.Exists(file))
        {
            await File.WriteAllLinesAsync(file, Lines());
        }

        var model = await new DnnRegressor("y") { HiddenUnits = [.. hidden], Epochs = 1 }.FitAsync(Dataset.Read(file));
        model.Save(Path.Combine(folder, $"wide-{string.Join('-', hidden)}"), overwrite: true);
        return model;
    }

    /// <summary>A request with some rows that the model was trained on.</summary>
    public static byte[] Request(TrainedModel model, int rows)
    {
        var golden = model.Artifact.Golden.Rows;
        var builder = new BatchBuilder(golden.Schema);
        for (var row = 0; row < rows; row++)
        {
            builder.AppendRow(golden, row % golden.RowCount);
        }

        var body = new ArrayBufferWriter<byte>();
        InstanceWriter.Write(builder.Batch, 0, rows, body);
        return body.WrittenSpan.ToArray();
    }

    static IEnumerable<string> Lines()
    {
        var random = new SeededRandom(1);
        var names = Enumerable.Range(0, Numbers).Select(index => $"n{index}").Concat(Enumerable.Range(0, Texts).Select(index => $"c{index}"));
        yield return string.Join(',', names.Append("flag").Append("at").Append("y"));
        for (var row = 0; row < Rows; row++)
        {
            var numbers = Enumerable.Range(0, Numbers).Select(index => Math.Round(index + random.NextNormal() * (1 + index), 3)).ToArray();
            var texts = Enumerable.Range(0, Texts).Select(index => $"{(char)('a' + random.NextInt32(10))}{index}").ToArray();
            var label = numbers.Take(4).Sum() + (texts[0][0] < 'e' ? 3 : 0) + random.NextNormal();
            yield return string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)).Concat(texts)
                .Append(random.NextInt32(2) == 0 ? "true" : "false")
                .Append($"2001-{1 + random.NextInt32(12):00}-{1 + random.NextInt32(28):00}T{random.NextInt32(24):00}:00:00")
                .Append(label.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
