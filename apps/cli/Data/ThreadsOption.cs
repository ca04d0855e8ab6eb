using System.CommandLine;
using Capstan.Data;

namespace Capstan.Cli;

/// <summary>How many threads read the data and work on it.</summary>
static class ThreadsOption
{
    public static Option<int?> Create()
    {
        var option = new Option<int?>("--threads")
        {
            Description = "How many threads read the data and work on it; all processors without it. Changes no result.",
            HelpName = "N",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
            {
                result.AddError($"--threads is {result.GetValueOrDefault<int?>()}; it must be 1 or more.");
            }
        });
        return option;
    }

    public static int Of(ParseResult line, Option<int?> option) => line.GetValue(option) ?? ParallelPass.AllThreads;
}
