namespace Capstan.Cluster.Tests;

public sealed class SlurmPoolTests
{
    [Theory]
    [InlineData("PENDING", LeaseState.Waiting)]
    [InlineData("CONFIGURING", LeaseState.Waiting)]
    [InlineData("RUNNING", LeaseState.Running)]
    [InlineData("COMPLETING", LeaseState.Ended)]
    [InlineData("NODE_FAIL", LeaseState.Ended)]
    [InlineData("", LeaseState.Ended)]
    public void Every_state_of_slurm_is_one_of_ours(string state, LeaseState expected) => Assert.Equal(expected, SlurmPool.StateOf(state));
}
