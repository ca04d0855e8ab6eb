namespace Capstan.Parameters.Tests;

public sealed class DispatcherTests
{
    [Fact]
    public void Parts_are_shared_out_in_proportion_to_speed()
    {
        var dispatcher = Begun(parts: 16, backups: 0);
        Learn(dispatcher, worker: 1, partSeconds: 1);
        Learn(dispatcher, worker: 2, partSeconds: 3);
        dispatcher.Begin(1, 16);
        Assert.Equal(new WorkLease(1, 0, 12), dispatcher.Take(1, 0));
        Assert.Equal(new WorkLease(1, 12, 4), dispatcher.Take(2, 0));
        Assert.Null(dispatcher.Take(3, 0));
    }

    [Fact]
    public void A_worker_ten_times_slow_gets_nothing_that_all_would_have_to_wait_for()
    {
        var dispatcher = Begun(parts: 8, backups: 1);
        Learn(dispatcher, worker: 1, partSeconds: 1);
        Learn(dispatcher, worker: 2, partSeconds: 10);
        dispatcher.Begin(1, 8);
        Assert.Null(dispatcher.Take(2, 0));
        var lease = dispatcher.Take(1, 0)!.Value; // there is work
        dispatcher.Receive(lease, 7);
        Assert.Equal(new WorkLease(1, 7, 1), dispatcher.Take(1, 7));
    }

    [Fact]
    public void What_a_lost_worker_had_is_handed_out_again()
    {
        var dispatcher = Begun(parts: 4, backups: 0);
        Assert.Equal(new WorkLease(0, 0, 4), dispatcher.Take(1, 0));
        Assert.Null(dispatcher.Take(2, 0));
        dispatcher.Leave(1);
        Assert.Equal(new WorkLease(0, 0, 4), dispatcher.Take(2, 1));
    }

    [Fact]
    public void A_late_run_is_repeated_once_and_only_where_backups_are_wanted()
    {
        foreach (var backups in new[] { 0, 1 })
        {
            var dispatcher = Begun(parts: 4, backups);
            Learn(dispatcher, worker: 1, partSeconds: 1);
            Learn(dispatcher, worker: 2, partSeconds: 1);
            dispatcher.Begin(1, 4);
            var first = dispatcher.Take(1, 0)!.Value; // there is work
            var second = dispatcher.Take(2, 0)!.Value; // as above
            dispatcher.Receive(second, 2);
            Assert.Null(dispatcher.Take(2, 3));
            Assert.Equal(backups == 1 ? first : null, dispatcher.Take(2, 5));
            Assert.Null(dispatcher.Take(3, 6));
        }
    }

    [Fact]
    public void The_slowest_does_it_where_the_fastest_is_gone_without_a_word()
    {
        var dispatcher = Begun(parts: 4, backups: 0);
        Learn(dispatcher, worker: 1, partSeconds: 0.001);
        Learn(dispatcher, worker: 2, partSeconds: 2);
        dispatcher.Begin(1, 4);
        Assert.Null(dispatcher.Take(2, 0.001));
        Assert.Equal(new WorkLease(1, 0, 1), dispatcher.Take(2, 1));
        Assert.Equal(new WorkLease(1, 1, 3), dispatcher.Take(1, 1));
        Assert.Null(dispatcher.Take(2, 10));
        Assert.Equal(new WorkLease(1, 1, 3), dispatcher.Take(2, 12));
    }

    [Fact]
    public void Whoever_asks_first_a_worker_gets_the_parts_that_it_had()
    {
        var dispatcher = Begun(parts: 16, backups: 0);
        Learn(dispatcher, worker: 1, partSeconds: 1);
        Learn(dispatcher, worker: 2, partSeconds: 1);
        dispatcher.Begin(1, 16);
        Assert.Equal(new WorkLease(1, 0, 8), dispatcher.Take(1, 0));
        Assert.Equal(new WorkLease(1, 8, 8), dispatcher.Take(2, 0));
        dispatcher.Begin(2, 16);
        Assert.Equal(new WorkLease(2, 8, 8), dispatcher.Take(2, 0));
        Assert.Equal(new WorkLease(2, 0, 8), dispatcher.Take(1, 0));
        dispatcher.Timed(1, 1, 3);
        dispatcher.Begin(3, 16);
        Assert.Equal(new WorkLease(3, 0, 11), dispatcher.Take(2, 0));
    }

    [Fact]
    public void Who_waits_is_told_when_another_will_be_late()
    {
        foreach (var backups in new[] { 0, 1 })
        {
            var dispatcher = Begun(parts: 4, backups);
            Learn(dispatcher, worker: 1, partSeconds: 1);
            Learn(dispatcher, worker: 2, partSeconds: 1);
            dispatcher.Begin(1, 4);
            dispatcher.Take(1, 0);
            dispatcher.Receive(dispatcher.Take(2, 0)!.Value, 2); // there is work
            Assert.Null(dispatcher.Take(2, 3));

            // Worker 2 had nothing to do in the first step, which made it a little quicker.
            Assert.InRange(dispatcher.NextChance(2, 3), backups == 1 ? 0.95 : 7, backups == 1 ? 1 : 7);
        }
    }

    [Fact]
    public void A_worker_that_is_suddenly_ten_times_slower_has_nothing_after_two_steps()
    {
        var dispatcher = Begun(parts: 8, backups: 1);
        Learn(dispatcher, worker: 1, partSeconds: 1);
        Learn(dispatcher, worker: 2, partSeconds: 1);
        for (var step = 1; step <= 2; step++)
        {
            dispatcher.Timed(2, 1, 10);
            dispatcher.Begin(step, 8);
        }

        Assert.Null(dispatcher.Take(2, 0));
        Assert.Equal(new WorkLease(2, 0, 7), dispatcher.Take(1, 0));
    }

    [Fact]
    public void Nobody_counts_on_a_worker_that_is_still_at_a_step_before_the_last()
    {
        var dispatcher = Begun(parts: 8, backups: 1);
        Learn(dispatcher, worker: 1, partSeconds: 1);
        Learn(dispatcher, worker: 2, partSeconds: 1);
        dispatcher.Begin(1, 8);
        Assert.Equal(4, dispatcher.Take(2, 0)!.Value.PartCount); // there is work
        dispatcher.Begin(2, 8);
        Assert.Equal(4, dispatcher.Take(1, 0)!.Value.PartCount); // as above
        dispatcher.Begin(3, 8);
        Assert.Equal(8, dispatcher.Take(1, 0)!.Value.PartCount); // as above
    }

    [Fact]
    public void No_batch_begins_before_all_but_the_last_few_before_it_are_done()
    {
        var dispatcher = new BatchDispatcher(2, 10);
        dispatcher.Begin(new UnitLedger(), 100);
        Assert.Equal([0L, 1L, 2L], Enumerable.Range(1, 3).Select(worker => dispatcher.Take(worker, 0)!.Value.Step)); // there is work
        Assert.Null(dispatcher.Take(4, 0));
        dispatcher.Receive(new WorkLease(1, 0, 1), 1);
        Assert.Null(dispatcher.Take(4, 1));
        dispatcher.Receive(new WorkLease(0, 0, 1), 2);
        Assert.Equal(3L, dispatcher.Take(4, 2)!.Value.Step); // there is work
    }

    [Fact]
    public void A_batch_held_too_long_is_handed_out_again_and_none_beyond_the_limit()
    {
        var dispatcher = new BatchDispatcher(null, 10);
        dispatcher.Begin(new UnitLedger(), 1);
        Assert.Equal(new WorkLease(0, 0, 1), dispatcher.Take(1, 0));
        Assert.Null(dispatcher.Take(2, 9));
        Assert.Equal(new WorkLease(0, 0, 1), dispatcher.Take(2, 11));
        dispatcher.Receive(new WorkLease(0, 0, 1), 12);
        Assert.Null(dispatcher.Take(1, 30));
    }

    static StepDispatcher Begun(int parts, int backups)
    {
        var dispatcher = new StepDispatcher(backups);
        dispatcher.Begin(0, parts);
        return dispatcher;
    }

    static void Learn(StepDispatcher dispatcher, int worker, double partSeconds)
    {
        dispatcher.Take(worker, 0);
        dispatcher.Timed(worker, 1, partSeconds);
    }
}
