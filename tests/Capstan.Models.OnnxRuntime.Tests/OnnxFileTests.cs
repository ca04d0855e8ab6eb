using Capstan.Data;
using static Capstan.Models.OnnxRuntime.Tests.OnnxWriter;

namespace Capstan.Models.OnnxRuntime.Tests;

/// <summary>What is read from files as converters write them, and what is said of those that can't be used.</summary>
public sealed class OnnxFileTests
{
    static readonly float[] Weights = [1, 0, -1, 0.5f, 2, -2, 0.25f, 0.75f, -0.5f, 1, 0, 0];

    /// <summary>A matrix of four columns to three logits.</summary>
    static OnnxWriter Logits(string output = "logits", int rows = -1) => new OnnxWriter("pytorch")
        .Input("X", Floats, rows, 4).Weights("W", Weights, 4, 3).Node("MatMul", ["X", "W"], [output]).Output(output, Floats, rows, 3);

    static OnnxFile Of(OnnxWriter writer, OnnxOptions? options = null) => OnnxFile.Of("model.onnx", writer.ToBytes(), options);

    static string Refusal(OnnxWriter writer, OnnxOptions? options = null) =>
        Assert.Throws<ForeignModelException>(() => Of(writer, options)).Message;

    /// <summary>The predictions for some rows of numbers, by itself, on columns called like its inputs or as named.</summary>
    static async Task<float[]> PredictAsync(OnnxFile file, double?[][] rows, params string[] columns)
    {
        var model = await TrainedModel.ImportAsync("m", file, new ImportOptions { Columns = columns }, TestContext.Current.CancellationToken);
        var builder = new BatchBuilder(model.Artifact.Transform.Input);
        foreach (var row in rows)
        {
            foreach (var (cell, column) in row.Zip(builder.Columns))
            {
                Append(column, cell);
            }
        }

        var predictions = new float[rows.Length * model.Artifact.Predictor.Output.Width];
        new ModelScorer(model.Artifact.Transform, model.Artifact.Predictor).Score(builder.Batch, predictions);
        return predictions;
    }

    static void Append(ColumnBuilder column, double? cell)
    {
        if (cell is not { } value)
        {
            column.AppendMissing();
        }
        else if (column.Type == DataType.Float64)
        {
            column.Append(value);
        }
        else if (column.Type == DataType.Boolean)
        {
            column.Append(value != 0);
        }
        else
        {
            column.Append((long)value);
        }
    }

    static double[] Softmax(params double[] logits) =>
        [.. logits.Select(logit => Math.Exp(logit) / logits.Sum(Math.Exp))];

    static void AssertClose(IEnumerable<double> expected, float[] found) =>
        Assert.All(expected.Zip(found, (left, right) => (left, right)), pair => Assert.Equal(pair.left, pair.right, 1e-6));

    [Fact]
    public async Task Logits_of_a_network_become_probabilities_and_classes_without_names_are_numbers()
    {
        var file = Of(Logits());
        Assert.Equal(["0", "1", "2"], file.Classes!.Names);
        Assert.Equal(DataType.Int64, file.Classes.Type);
        Assert.Equal("ONNX by pytorch", file.Description);
        AssertClose(Softmax(1 + 1 + 0.75, 4 + 2.25, -1 - 4 - 1.5), await PredictAsync(file, [[1, 2, 3, 0]]));
    }

    [Fact]
    public void Columns_are_called_like_inputs_or_as_they_are_named()
    {
        Assert.Equal("X_0: number, X_1: number, X_2: number, X_3: number", Of(Logits()).Columns([], null).ToString());
        Assert.Equal("a: number, b: number, c: int, d: number", Of(Logits()).Columns(["a", "b", "c", "d"], new Schema(
            [new Field("c", DataType.Int64), new Field("d", DataType.Text)])).ToString());
        Assert.Contains("'X' float[?, 4]", Assert.Throws<ArgumentException>(() => Of(Logits()).Columns(["a", "b"], null)).Message);
        var open = new OnnxWriter().Input("X", Floats, -1, -1).Node("ReduceMean", ["X"], ["Y"], Numbers("axes", 1), Number("keepdims", 1)).Output("Y", Floats, -1, 1);
        Assert.Contains("name them (--columns", Assert.Throws<ArgumentException>(() => Of(open).Columns([], null)).Message);
        Assert.Equal("a: number, b: number", Of(open).Columns(["a", "b"], null).ToString());
    }

    [Fact]
    public async Task A_value_for_each_row_is_a_regression_whatever_type_its_inputs_have()
    {
        var writer = new OnnxWriter().Input("a", Doubles, -1, 1).Input("b", Longs, -1, 1).Input("c", Bools, -1, 1).Input("d", Ints, -1, 1)
            .Node("Cast", ["b"], ["b2"], Number("to", Doubles)).Node("Cast", ["c"], ["c2"], Number("to", Doubles)).Node("Cast", ["d"], ["d2"], Number("to", Doubles))
            .Node("Add", ["a", "b2"], ["ab"]).Node("Add", ["ab", "c2"], ["abc"]).Node("Add", ["abc", "d2"], ["price"]).Output("price", Doubles, -1, 1);
        var file = Of(writer);
        Assert.Equal(ModelOutput.Value, file.Output);
        Assert.Equal("a: number, b: int, c: boolean, d: int", file.Columns([], null).ToString());
        Assert.Equal((float[])[10.25f, -1], await PredictAsync(file, [[0.25, 7, 1, 2], [-1, null, null, null]]));
    }

    [Fact]
    public async Task Texts_go_in_as_they_are_and_missing_ones_as_empty()
    {
        var writer = new OnnxWriter().Input("color", Strings, -1, 1)
            .Node("LabelEncoder", ["color"], ["value"], Texts("keys_strings", "red", "größe", ""), Fractions("values_floats", 3, 5, 7), Fraction("default_float", -1))
            .Output("value", Floats, -1, 1);
        var model = await TrainedModel.ImportAsync("m", Of(writer), cancellationToken: TestContext.Current.CancellationToken);
        var rows = new BatchBuilder(model.Artifact.Transform.Input);
        foreach (var color in new[] { "red", "größe", "other" })
        {
            rows.Columns[0].Append(color);
        }

        rows.Columns[0].AppendMissing();
        var values = new float[4];
        new ModelScorer(model.Artifact.Transform, model.Artifact.Predictor).Score(rows.Batch, values);
        Assert.Equal((float[])[3, 5, -1, 7], values);
    }

    [Fact]
    public async Task Maps_of_probabilities_are_read_by_their_classes()
    {
        // A converter may list classes in another order than that of the maps' keys, which is sorted.
        var named = new OnnxWriter().Input("X", Floats, -1, 4).Weights("W", Weights, 4, 3).Node("MatMul", ["X", "W"], ["raw"])
            .Node("Softmax", ["raw"], ["p"], Number("axis", 1))
            .Node("ZipMap", ["p"], ["output_probability"], Texts("classlabels_strings", "setosa", "virginica", "alba"))
            .MapOutput("output_probability", Strings);
        var file = Of(named);
        Assert.Equal(["setosa", "virginica", "alba"], file.Classes!.Names);
        Assert.Equal(DataType.Text, file.Classes.Type);
        AssertClose(Softmax(2.75, 6.25, -6.5), await PredictAsync(file, [[1, 2, 3, 0]]));
        var numbered = new OnnxWriter().Input("X", Floats, -1, 4).Weights("W", Weights, 4, 3).Node("MatMul", ["X", "W"], ["raw"])
            .Node("Softmax", ["raw"], ["p"], Number("axis", 1)).Node("ZipMap", ["p"], ["output_probability"], Numbers("classlabels_int64s", 10, 20, 30))
            .MapOutput("output_probability", Longs);
        Assert.Equal(["10", "20", "30"], Of(numbered).Classes!.Names);
        AssertClose(Softmax(2.75, 6.25, -6.5), await PredictAsync(Of(numbered), [[1, 2, 3, 0]]));
    }

    [Fact]
    public async Task Two_probabilities_are_two_classes_and_certain_ones_stay_certain()
    {
        var writer = new OnnxWriter().Input("p", Floats, -1, 2).Node("Identity", ["p"], ["probabilities"]).Output("probabilities", Floats, -1, 2);
        var file = Of(writer, new OnnxOptions { Classes = ["no", "yes"] });
        Assert.Equal(ModelOutput.LogOdds, file.Output);
        Assert.Equal("yes", file.Classes!.Positive);
        var found = await PredictAsync(file, [[0.25, 0.75], [1, 0], [0, 1], [0.5, 0.5]], "no", "yes");
        AssertClose([0.75, 0, 1, 0.5], found);
        Assert.Equal((0f, 1f), (found[1], found[2]));
    }

    [Fact]
    public async Task A_model_of_a_fixed_number_of_rows_takes_any()
    {
        foreach (var size in new[] { 1, 4 })
        {
            var file = Of(Logits(rows: size));
            double?[][] rows = [.. Enumerable.Range(0, 7).Select(row => (double?[])[row, 1, -row, 2])];
            var together = await PredictAsync(Of(Logits()), rows);
            Assert.Equal(together, await PredictAsync(file, rows));
        }

        var single = new OnnxWriter().Input("x", Floats, 3).Node("ReduceSum", ["x"], ["y"], Number("keepdims", 1)).Output("y", Floats, 1);
        Assert.Equal((float[])[6, 15], await PredictAsync(Of(single), [[1, 2, 3], [4, 5, 6]]));
    }

    [Fact]
    public void Files_that_are_none_or_need_others_are_refused_by_what_is_wrong()
    {
        Assert.Contains("no ONNX file", Assert.Throws<ForeignModelException>(() => OnnxFile.Of("x.onnx", [.. "hello, world"u8])).Message);
        var whole = Logits().ToBytes();
        for (var length = 0; length < whole.Length; length += 7)
        {
            Assert.Throws<ForeignModelException>(() => OnnxFile.Of("x.onnx", whole[..length]));
        }

        Assert.Contains("com.nobody", Refusal(new OnnxWriter().Input("X", Floats, -1, 1).Node("Made", ["X"], ["Y"]).Output("Y", Floats, -1, 1)));
        Assert.Contains("in other files", Refusal(new OnnxWriter().Input("X", Floats, -1, 4).WeightsElsewhere("W", 4, 1).Node("MatMul", ["X", "W"], ["Y"]).Output("Y", Floats, -1, 1)));
        Assert.Contains("Could not find file", Assert.ThrowsAny<IOException>(() => OnnxFile.Read("nowhere.onnx")).Message);
    }

    [Fact]
    public void Shapes_and_outputs_that_are_no_rows_are_refused_with_what_there_is()
    {
        Assert.Contains("takes no input", Refusal(new OnnxWriter().Weights("W", [1], 1, 1).Node("Identity", ["W"], ["Y"]).Output("Y", Floats, 1, 1)));
        Assert.Contains("'X' has the shape [?, ?, ?]", Refusal(new OnnxWriter().Input("X", Floats, -1, -1, -1).Node("Identity", ["X"], ["Y"]).Output("Y", Floats, -1, -1, -1)));
        Assert.Contains("'Y' float[?, 2, 2]", Refusal(new OnnxWriter().Input("X", Floats, -1, 2, 2).Node("Identity", ["X"], ["Y"]).Output("Y", Floats, -1, 2, 2)));
        Assert.Contains("'Y' string[?, 1]", Refusal(new OnnxWriter().Input("X", Strings, -1, 1).Node("Identity", ["X"], ["Y"]).Output("Y", Strings, -1, 1)));
    }

    [Fact]
    public void What_a_file_leaves_open_is_asked_for()
    {
        var two = new OnnxWriter().Input("X", Floats, -1, 1).Node("Identity", ["X"], ["a"]).Node("Identity", ["X"], ["b"]).Output("a", Floats, -1, 1).Output("b", Floats, -1, 1);
        Assert.Contains("'a' float[?, 1], 'b' float[?, 1]. Name it (--predicts)", Refusal(two));
        Assert.Equal("b", Of(two, new OnnxOptions { Output = "b" }).OutputName);
        Assert.Contains("no output 'c'", Refusal(two, new OnnxOptions { Output = "c" }));
        var unknown = new OnnxWriter().Input("X", Floats, -1, 3).Node("Relu", ["X"], ["Y"]).Output("Y", Floats, -1, 3);
        Assert.Contains("logits or probabilities; say so (--scores)", Refusal(unknown));
        Assert.Equal(ModelOutput.Classes(3), Of(unknown, new OnnxOptions { Scores = OnnxScores.Logits }).Output);
        Assert.Contains("2 names of classes (a, b), and its output tells 3 apart", Refusal(Logits(), new OnnxOptions { Classes = ["a", "b"] }));
        Assert.Contains("has 3 values", Refusal(Logits(), new OnnxOptions { Scores = OnnxScores.Value }));
    }

    [Fact]
    public async Task Numbers_that_are_none_or_no_probabilities_are_said_with_their_row()
    {
        var root = new OnnxWriter().Input("x", Floats, -1, 1).Node("Sqrt", ["x"], ["y"]).Output("y", Floats, -1, 1);
        var failure = await Assert.ThrowsAsync<ForeignModelException>(() => PredictAsync(Of(root, null), [[4], [-1]]));
        Assert.Contains("NaN for row", failure.Message);
        var named = new OnnxWriter().Input("x", Floats, -1, 1).Node("Identity", ["x"], ["probability"]).Output("probability", Floats, -1, 1);
        Assert.Contains("--scores logits", (await Assert.ThrowsAsync<ForeignModelException>(() => PredictAsync(Of(named), [[7]]))).Message);
    }
}
