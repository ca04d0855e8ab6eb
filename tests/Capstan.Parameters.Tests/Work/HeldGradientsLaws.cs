using Capstan.Data;

namespace Capstan.Parameters.Tests;

public sealed class HeldGradientsLaws
{
    [Fact]
    public void What_travels_and_what_is_held_add_up_to_what_came_and_little_is_held()
    {
        const float Least = 1;
        var (random, held) = (new SeededRandom(3), new HeldGradients(2, Least));
        var (came, travelled) = (new double[40], new double[40]);
        for (var batch = 0; batch < 200; batch++)
        {
            var rows = Enumerable.Range(0, 20).Where(_ => random.NextInt32(3) == 0).ToArray();
            var gradients = rows.SelectMany(_ => new[] { (float)random.NextNormal() / 4, (float)random.NextNormal() / 4 }).ToArray();
            Add(rows, gradients, came);
            held.Pass(rows, gradients);
            Assert.All(held.Rows.ToArray().Select((_, place) => Math.Max(Math.Abs(held.Gradients[2 * place]), Math.Abs(held.Gradients[2 * place + 1]))),
                largest => Assert.True(largest >= Least));
            Add(held.Rows, held.Gradients, travelled);
        }

        Assert.All(came.Zip(travelled), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, Least + 1e-4));
        Assert.Contains(travelled, sum => sum != 0);
    }

    [Fact]
    public void What_is_no_number_travels_at_once()
    {
        var held = new HeldGradients(1, 1);
        held.Pass([3, 4], [float.NaN, 0.1f]);
        Assert.Equal([3], held.Rows.ToArray());
    }

    static void Add(ReadOnlySpan<int> rows, ReadOnlySpan<float> gradients, double[] sums)
    {
        for (var place = 0; place < rows.Length; place++)
        {
            sums[2 * rows[place]] += gradients[2 * place];
            sums[2 * rows[place] + 1] += gradients[2 * place + 1];
        }
    }
}
