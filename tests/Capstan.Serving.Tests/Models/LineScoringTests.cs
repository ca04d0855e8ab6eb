using System.Text;
using Capstan.Models;

namespace Capstan.Serving.Tests.Models;

/// <summary>Lines by a model of another program, whose process some of them end.</summary>
public sealed class LineScoringTests
{
    const int Harmful = 1_000_000;

    /// <summary>A trip of some distance; one of <see cref="Harmful"/> is more than the model bears.</summary>
    static string Trip(int distance) =>
        $$"""{"distance":{{distance}},"passengers":0,"vendor":"","night":false,"pickup":"2001-03-31T00:00:00"}""";

    static LineScoring Scoring(ForeignFailure failure) => new(new ModelScoring(new TripModel
    {
        Bend = value => value < 2 * Harmful ? value : throw new ForeignModelException("OnnxRuntime", "its process ended.") { Failure = failure },
    }));

    static (string Results, List<(int Index, string Reason)> Refused, GivenUp? End) Answer(LineScoring scoring, IReadOnlyList<string> lines)
    {
        var (results, refused) = (new MemoryStream(), new List<(int, string)>());
        var end = scoring.Answer(lines, results, (index, reason) => refused.Add((index, reason)));
        return (Encoding.UTF8.GetString(results.ToArray()), refused, end);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public void Lines_that_end_the_models_process_are_refused_and_all_others_answered(int batch)
    {
        int[] distances = [Harmful, 1, 2, Harmful, Harmful, 3, 4, 5, 6, Harmful];
        var scoring = Scoring(ForeignFailure.Lost);
        var (results, refused) = ("", new List<int>());
        foreach (var lines in distances.Select(Trip).Append("{").Chunk(batch))
        {
            var before = refused.Count == 0 && results.Length == 0 ? 0 : refused.Count + results.Count(letter => letter == '\n');
            var answer = Answer(scoring, lines);
            Assert.Null(answer.End);
            results += answer.Results;
            refused.AddRange(answer.Refused.Select(each => before + each.Index));
            Assert.All(answer.Refused.Where(each => before + each.Index < distances.Length), each =>
                Assert.Equal("the imported model fails on it: its process ended.", each.Reason));
        }

        Assert.Equal([0, 3, 4, 9, 10], refused);
        Assert.Equal(string.Concat(distances.Where(distance => distance < Harmful).Select(distance => 2 * distance).Select(value => $"{value}\n")), results);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void A_model_is_given_up_at_the_tenth_line_in_a_row_that_ends_its_process(int batch)
    {
        var lines = Enumerable.Repeat(Harmful, 9).Append(1).Concat(Enumerable.Repeat(Harmful, 11)).Select(Trip).ToArray();
        var (scoring, refused) = (Scoring(ForeignFailure.Lost), 0);
        foreach (var (index, chunk) in lines.Chunk(batch).Index())
        {
            var answer = Answer(scoring, chunk);
            refused += answer.Refused.Count;
            if (answer.End is var (place, why))
            {
                Assert.Equal((19, 19), (index * batch + place, refused));
                Assert.Equal("it is the 10th in a row on which its imported model fails: its process ended.", why);
                return;
            }
        }

        Assert.Fail("It was not given up.");
    }

    [Fact]
    public void A_model_that_says_no_itself_is_not_given_up()
    {
        var (_, refused, end) = Answer(Scoring(ForeignFailure.Refused), [.. Enumerable.Repeat(Trip(Harmful), 50)]);
        Assert.Null(end);
        Assert.Equal(50, refused.Count);
    }

    [Fact]
    public void A_model_whose_process_can_not_be_started_is_given_up_at_once()
    {
        var (_, refused, end) = Answer(Scoring(ForeignFailure.NotStarted), [Trip(1), Trip(Harmful), Trip(2)]);
        Assert.Equal(new GivenUp(1, "the process of its imported model can't be started: its process ended."), end);
        Assert.Empty(refused);
    }
}
