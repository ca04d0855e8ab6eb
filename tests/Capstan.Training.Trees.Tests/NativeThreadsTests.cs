namespace Capstan.Training.Trees.Tests;

[Collection(nameof(DeterminismLaws))]
public sealed class NativeThreadsTests
{
    [Fact]
    public void Who_begins_beside_others_takes_their_number_and_the_next_to_be_alone_its_own()
    {
        var first = NativeThreads.Hold(3);
        var second = NativeThreads.Hold(1);
        Assert.Equal((3, 3), (first.Count, second.Count));

        first.Dispose();
        first.Dispose();
        using (var third = NativeThreads.Hold(2))
        {
            Assert.Equal(3, third.Count);
        }

        second.Dispose();
        using var alone = NativeThreads.Hold(2);
        Assert.Equal(2, alone.Count);
    }
}
