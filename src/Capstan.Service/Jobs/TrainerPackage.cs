using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;

namespace Capstan.Service;

/// <summary>
/// Runs a user's trainer: a published .NET program, an executable or a Python package, from archives or folders. Its output is
/// the job's log. Where the server says so it runs as another account and with limited memory; it never sees the server's
/// environment.
/// </summary>
static class TrainerPackage
{
    // An archive may say that it unpacks to anything.
    const long MostUnpackedBytes = 4L << 30;

    public static async Task<int> RunAsync(JobOrder.RunPackage order, JobFolder folder, IJobLog log,
        CancellationToken cancellationToken)
    {
        var places = new List<string>();
        foreach (var (index, package) in order.Packages.Index())
        {
            places.Add(Unpack(package, Path.Combine(folder.Path, "unpacked", $"{index}")));
        }

        var start = StartOf(order, places);
        start.WorkingDirectory = folder.Output;
        foreach (var (name, value) in order.Environment)
        {
            start.Environment[name] = value;
        }

        log.Write("INFO", $"Running {order.Module}.");
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

    static ProcessStartInfo StartOf(JobOrder.RunPackage order, IReadOnlyList<string> places)
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

        line.AddRange([.. program, .. order.Arguments]);
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] =
            string.Join(':', places.SelectMany(place => Directory.EnumerateDirectories(place).Prepend(place)));
        start.Environment["PYTHONUNBUFFERED"] = "1";
        return start;
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
