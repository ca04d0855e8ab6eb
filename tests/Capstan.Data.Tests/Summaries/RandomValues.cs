using System.Text;

namespace Capstan.Data.Tests.Summaries;

/// <summary>Seeded inputs for laws; a failing law names its seed.</summary>
static class RandomValues
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    public static double[] Numbers(Random random, int most)
    {
        var (shape, count) = (random.Next(5), random.Next(most + 1));
        return [.. Enumerable.Range(0, count).Select(_ => shape switch
        {
            0 => random.NextDouble(),
            1 => random.Next(-3, 4),
            2 => 1e9 + random.NextDouble(),
            3 => Math.Exp(20 * random.NextDouble() - 10) * (random.Next(2) * 2 - 1),
            _ => random.Next(50) == 0 ? double.NaN : random.NextDouble() * -5,
        })];
    }

    public static byte[][] Texts(Random random, int most)
    {
        var distinct = random.Next(1, 60);
        return
        [
            .. Enumerable.Range(0, random.Next(most + 1))
                .Select(_ => Text((int)(distinct * random.NextDouble() * random.NextDouble()))),
        ];
    }

    public static byte[] Text(int number) =>
        Encoding.UTF8.GetBytes(number == 0 ? "" : string.Concat(Enumerable.Repeat($"wert-{number}-ü", number % 4)) + number);

    public static T Observing<T>(T state, IEnumerable<byte[]> values, Action<T, byte[]> observe)
    {
        foreach (var value in values)
        {
            observe(state, value);
        }

        return state;
    }
}
