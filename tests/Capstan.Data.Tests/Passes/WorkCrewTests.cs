namespace Capstan.Data.Tests.Passes;

public sealed class WorkCrewTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_piece_of_every_round_is_done_once_before_the_round_ends(int threads)
    {
        using var crew = new WorkCrew(threads);
        Assert.Equal(threads, crew.Threads);
        var done = new int[40];
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            var count = random.Next(0, 41);
            Array.Clear(done);
            crew.Run(count, piece => Interlocked.Increment(ref done[piece]));
            Assert.All(done[..count], times => Assert.Equal(1, times));
            Assert.All(done[count..], times => Assert.Equal(0, times));
            if (round % 500 == 0)
            {
                // Long enough for the others to fall asleep.
                Thread.Sleep(20);
            }
        }
    }

    [Fact]
    public void Pieces_are_shared_out()
    {
        using var crew = new WorkCrew(2);
        using var both = new Barrier(2);
        // Neither piece ends before the other has begun: one thread alone would wait for ever.
        crew.Run(2, _ => Assert.True(both.SignalAndWait(Waiting.Patience)));
    }

    [Fact]
    public void What_a_piece_throws_reaches_the_caller_and_the_crew_works_on()
    {
        using var crew = new WorkCrew(3);
        var failure = Assert.Throws<InvalidOperationException>(() => crew.Run(10, piece =>
        {
            if (piece % 2 == 1)
            {
                throw new InvalidOperationException($"piece {piece}");
            }
        }));
        Assert.StartsWith("piece ", failure.Message, StringComparison.Ordinal);
        var done = 0;
        crew.Run(10, _ => Interlocked.Increment(ref done));
        Assert.Equal(10, done);
    }

    [Fact]
    public void Work_allocates_nothing()
    {
        using var crew = new WorkCrew(2);
        var done = 0;
        Action<int> work = _ => Interlocked.Increment(ref done);
        crew.Run(8, work);
        Assert.Equal(0, Allocations.Of(() => crew.Run(8, work)));
    }

    [Fact]
    public void A_crew_may_be_dismissed_twice()
    {
        var crew = new WorkCrew(2);
        crew.Dispose();
        crew.Dispose();
    }
}
