namespace Capstan.Service.Tests;

/// <summary>Trainer packages: folders with a shell script in them.</summary>
static class Trainer
{
    public static string Write(string folder, string name, string script)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        }

        return folder;
    }
}
