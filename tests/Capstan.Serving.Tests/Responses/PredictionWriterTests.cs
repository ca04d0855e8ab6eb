using System.Text;
using System.Text.Json;
using Capstan.Data;
using Capstan.Models;
using Capstan.Serving.Tests.Models;

namespace Capstan.Serving.Tests.Responses;

public sealed class PredictionWriterTests
{
    static string Write(IServedModel model, params float[] predictions)
    {
        using var writer = new PredictionWriter(model);
        return Encoding.UTF8.GetString(writer.Write(predictions).Span);
    }

    static TripModel Classifier(string negative, string positive, DataType type) =>
        new() { Output = ModelOutput.LogOdds, Labels = new ClassLabels(negative, positive, type) };

    [Fact]
    public void A_regression_answers_plain_numbers() =>
        Assert.Equal("""{"predictions":[1.5,-0,1E-45,3.4028235E+38]}""", Write(new TripModel(), 1.5f, -0f, float.Epsilon, float.MaxValue));

    [Fact]
    public void A_regression_with_intervals_answers_them_beside_the_numbers()
    {
        using var writer = new PredictionWriter(new TripModel { HasIntervals = true });
        Assert.Equal(
            """{"predictions":[1.5,2],"intervals":[{"lower":1,"upper":2.5},{"lower":-1,"upper":2}]}""",
            Encoding.UTF8.GetString(writer.Write([1.5f, 2], [1, 2.5f, -1, 2]).Span));
        Assert.Equal("{\"predictions\":[],\"intervals\":[]}", Encoding.UTF8.GetString(writer.Write([], []).Span));
        Assert.Equal(1, Assert.Throws<RefusedRequestException>(() => writer.Write([1, 2], [0, 1, 0, float.PositiveInfinity])).Problem.Instance);
    }

    [Fact]
    public void No_rows_are_no_predictions() => Assert.Equal("""{"predictions":[]}""", Write(new TripModel()));

    [Fact]
    public void A_classifier_answers_the_probability_and_the_label_from_one_half_on() => Assert.Equal(
        """{"predictions":[{"probability":0.5,"label":"Zürich"},{"probability":0.49999997,"label":"a \"b\""}]}""",
        Write(Classifier("a \"b\"", "Zürich", DataType.Text), 0.5f, 0.49999997f));

    [Fact]
    public void A_classifier_of_several_classes_answers_the_likeliest_and_all_probabilities() => Assert.Equal(
        """{"predictions":[{"probability":0.5,"label":7,"probabilities":{"5":0.25,"7":0.5,"-1":0.25}},{"probability":1,"label":5,"probabilities":{"5":1,"7":0,"-1":0}}]}""",
        Write(
            new TripModel { Output = ModelOutput.Classes(3), Labels = new ClassLabels(["5", "7", "-1"], DataType.Int64) },
            0.25f, 0.5f, 0.25f, 1, 0, 0));

    [Theory]
    [InlineData("false", "true", DataType.Boolean)]
    [InlineData("0", "1", DataType.Int64)]
    [InlineData("0.5", "1.5", DataType.Float64)]
    public void Labels_that_are_not_text_stand_without_quotes(string negative, string positive, DataType type) => Assert.Equal(
        $$"""{"predictions":[{"probability":1,"label":{{positive}}},{"probability":0,"label":{{negative}}}]}""",
        Write(Classifier(negative, positive, type), 1f, 0f));

    [Theory]
    [InlineData("yes", DataType.Boolean)]
    [InlineData("1,2", DataType.Int64)]
    [InlineData("", DataType.Float64)]
    public void A_label_that_is_not_of_its_type_is_refused(string label, DataType type) =>
        Assert.Contains("label", Assert.Throws<ArgumentException>(() => new ClassLabels(label, label, type)).Message);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_prediction_that_is_not_finite_is_a_failure_that_names_the_instance(float prediction)
    {
        var problem = Assert.Throws<RefusedRequestException>(() => Write(new TripModel(), 1, prediction)).Problem;
        Assert.Equal((500, "prediction_not_finite", 1), (problem.Status, problem.Code, problem.Instance));
    }

    [Fact]
    public void After_a_failure_the_next_answer_is_whole()
    {
        using var writer = new PredictionWriter(new TripModel());
        Assert.Throws<RefusedRequestException>(() => writer.Write([1, float.NaN]));
        Assert.Equal("""{"predictions":[2]}""", Encoding.UTF8.GetString(writer.Write([2]).Span));
    }

    [Fact]
    public void Every_float_comes_back_to_the_same_bits()
    {
        var random = new Random(11);
        var floats = Enumerable.Range(0, 20_000).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))
            .Where(float.IsFinite).ToArray();
        var read = JsonDocument.Parse(Write(new TripModel(), floats)).RootElement.GetProperty("predictions").EnumerateArray()
            .Select(element => BitConverter.SingleToInt32Bits(element.GetSingle()));
        Assert.Equal(floats.Select(BitConverter.SingleToInt32Bits), read);
    }
}
