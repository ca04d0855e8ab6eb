using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Capstan.Serving;

namespace Capstan.Service;

/// <summary>
/// A user's trainer: a published .NET program, an executable or a Python package, from archives or folders. Its output is the
/// job's log. Where the server says so it runs as another account and with limited memory; it never sees the server's
/// environment.
/// </summary>
sealed class TrainerPackage
{
    // An archive may say that it unpacks to anything.
    const long MostUnpackedBytes = 4L << 30;

    readonly JobOrder.RunPackage _order;
    readonly JobFolder _folder;
    readonly IReadOnlyList<string> _line;
    readonly IReadOnlyDictionary<string, string> _variables;

    TrainerPackage(
        JobOrder.RunPackage order, JobFolder folder, IReadOnlyList<string> line, IReadOnlyDictionary<string, string> variables)
    {
        (_order, _folder, _line, _variables) = (order, folder, line, variables);
    }

    /// <exception cref="InvalidDataException">A package is none, or holds no such program.</exception>
    public static TrainerPackage Unpack(JobOrder.RunPackage order, JobFolder folder)
    {
        var places = new List<string>();
        foreach (var (index, package) in order.Packages.Index())
        {
            places.Add(Unpack(package, Path.Combine(folder.Path, "unpacked", $"{index}")));
        }

        var variables = new Dictionary<string, string>(order.Environment)
        {
            ["PYTHONPATH"] = string.Join(':', places.SelectMany(place => Directory.EnumerateDirectories(place).Prepend(place))),
            ["PYTHONUNBUFFERED"] = "1",
        };
        return new TrainerPackage(order, folder, LineOf(order, places), variables);
    }

    /// <returns>Its exit code.</returns>
    public async Task<int> RunAsync(IJobLog log, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(_line[0], _line.Skip(1))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Output,
        };
        ChildEnvironment.Reduce(start.Environment);
        foreach (var (name, value) in _variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!; // a new process
        var reading =
            Task.WhenAll(ReadAsync(process.StandardOutput, "INFO", log), ReadAsync(process.StandardError, "WARNING", log));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        await reading;
        return process.ExitCode;
    }

    /// <summary>The same as several processes; the variables that tell each its part come from whoever starts them.</summary>
    public MembersRun AsMembers(JobMembers members)
    {
        var configuration = JsonNode.Parse(_order.Environment[TrainerEnvironment.Configuration])!.AsObject(); // written from one
        var variables = _variables.Where(pair => pair.Key != TrainerEnvironment.Configuration)
            .Select(pair => $"{pair.Key}={pair.Value}");
        return new MembersRun(
            ["env", .. variables, .. _line], _folder.Output, _folder.In("members"), members,
            $"{configuration["task"]!["type"]}", configuration["job"]!.ToJsonString());
    }

    static IReadOnlyList<string> LineOf(JobOrder.RunPackage order, IReadOnlyList<string> places)
    {
        var program = ProgramOf(order.Module, places) ?? throw new InvalidDataException(
            $"The packages hold no '{order.Module}': expected {order.Module}.dll (a published .NET program), an executable " +
                $"{order.Module}, or a Python module {order.Module}.");
        List<string> line = [];
        if (order.Account is { } account)
        {
            line.AddRange(["setpriv", "--reuid", account, "--regid", account, "--init-groups", "--no-new-privs"]);
        }

        if (order.MaxMemoryBytes is { } memory)
        {
            line.AddRange(["prlimit", $"--data={memory}"]);
        }

        return [.. line, .. program, .. order.Arguments];
    }

    static string[]? ProgramOf(string module, IReadOnlyList<string> places)
    {
        foreach (var folder in places.SelectMany(place => Directory.EnumerateDirectories(place).Prepend(place)))
        {
            if (File.Exists(Path.Combine(folder, $"{module}.dll")))
            {
                return ["dotnet", Path.Combine(folder, $"{module}.dll")];
            }

            if (File.Exists(Path.Combine(folder, module)))
            {
                return [Path.Combine(folder, module)];
            }

            var path = Path.Combine(folder, module.Replace('.', Path.DirectorySeparatorChar));
            if (File.Exists($"{path}.py") || File.Exists(Path.Combine(path, "__main__.py")))
            {
                return ["python3", "-m", module];
            }
        }

        return null;
    }

    /// <summary>Where a package's files are; archives are unpacked, and nothing of them may land elsewhere.</summary>
    static string Unpack(string package, string target)
    {
        if (Directory.Exists(package))
        {
            return package;
        }

        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        Directory.CreateDirectory(target);
        if (package.EndsWith(".tar.gz", StringComparison.Ordinal) || package.EndsWith(".tgz", StringComparison.Ordinal))
        {
            using var gzip = new GZipStream(File.OpenRead(package), CompressionMode.Decompress);
            using var limited = new LimitedStream(gzip, MostUnpackedBytes);

            // Refuses entries and links that lead out of the folder.
            TarFile.ExtractToDirectory(limited, target, overwriteFiles: false);
        }
        else if (package.EndsWith(".zip", StringComparison.Ordinal) || package.EndsWith(".whl", StringComparison.Ordinal))
        {
            using var archive = ZipFile.OpenRead(package);
            if (archive.Entries.Sum(entry => entry.Length) > MostUnpackedBytes)
            {
                throw new InvalidDataException($"{Path.GetFileName(package)} unpacks to more than {MostUnpackedBytes:N0} bytes.");
            }

            // Refuses entries that lead out of the folder.
            archive.ExtractToDirectory(target);
        }
        else
        {
            throw new InvalidDataException(
                $"{Path.GetFileName(package)} is no package: expected .tar.gz, .tgz, .zip, .whl or a folder.");
        }

        return target;
    }

    static async Task ReadAsync(StreamReader output, string severity, IJobLog log)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            log.Write(severity, line);
        }
    }

    /// <summary>A stream that ends with an error where it grows too long.</summary>
    sealed class LimitedStream(Stream inner, long mostBytes) : Stream
    {
        long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            _read += read;
            return _read <= mostBytes ? read
                : throw new InvalidDataException($"The package unpacks to more than {mostBytes:N0} bytes.");
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
