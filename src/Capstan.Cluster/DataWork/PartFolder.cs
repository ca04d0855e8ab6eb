using Capstan.Data;
using Capstan.Data.DuckDb;

namespace Capstan.Cluster;

/// <summary>
/// The folder of a job in which work on splits is described and answered: for each work its description, and a file for each split that is
/// done. Files appear whole and are never changed, so that any number of processes may do the same.
/// </summary>
sealed class PartFolder(string jobFolder)
{
    public const string Name = "parts";

    readonly string _folder = Path.Combine(jobFolder, Name);

    /// <summary>Describes a work for those who do it.</summary>
    public void Describe(string key, SplitWork work)
    {
        var path = DescriptionOf(key);
        if (File.Exists(path))
        {
            return;
        }

        Directory.CreateDirectory(Path.Combine(_folder, key));
        WholeFile.Write(path, work.Write());
    }

    public SplitWork Described(string key) => SplitWork.Read(File.ReadAllBytes(DescriptionOf(key)));

    /// <summary>Does a work for a split and keeps the answer.</summary>
    /// <param name="leftOut">Tells afterwards what reading the split left out.</param>
    public async Task AnswerAsync(
        string key, SplitWork work, IBatchSource source, Split split, Func<BadRowReport> leftOut, CancellationToken cancellationToken)
    {
        var path = PathOf(key, split.Index);
        var aside = WholeFile.AsideOf(path);
        try
        {
            await using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                var rows = await work.Task.RunAsync(source, split, file, cancellationToken);
                PartEnd.Write(file, rows, leftOut());
            }

            File.Move(aside, path, overwrite: true);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    /// <summary>The answer about a split; null where there is none, or a damaged one, which is removed.</summary>
    public (SplitAnswer Answer, BadRowReport LeftOut)? Find(string key, int split)
    {
        var path = PathOf(key, split);
        if (!File.Exists(path))
        {
            return null;
        }

        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16);
        if (PartEnd.Find(file) is var (rows, leftOut))
        {
            return (new SplitAnswer(file, rows), leftOut);
        }

        file.Dispose();
        File.Delete(path);
        return null;
    }

    /// <summary>Removes all, when nobody needs any of it.</summary>
    public void Remove()
    {
        try
        {
            if (Directory.Exists(_folder))
            {
                Directory.Delete(_folder, recursive: true);
            }
        }
        catch (IOException)
        {
            // A worker that was late writes what nobody wants any more; what is left takes room and nothing else.
        }
    }

    string DescriptionOf(string key) => Path.Combine(_folder, key, "work");

    string PathOf(string key, int split) => Path.Combine(_folder, key, $"{split:D6}");
}
