using System.Reflection;

namespace Capstan.Service;

/// <summary>
/// What an interface consists of: methods and messages, read from a text beside this file. Router, reading of bodies, discovery
/// document, OpenAPI document and permissions all come from it, so that they can't disagree.
/// </summary>
sealed class ApiSurface
{
    readonly Dictionary<string, Lazy<MessageType>> _messages = new(StringComparer.Ordinal);

    ApiSurface(string version, IEnumerable<string> lines)
    {
        Version = version;
        var parts = lines.Where(line => line.Length > 0 && line[0] != '#').ToArray();
        for (var index = 0; index < parts.Length; index++)
        {
            if (parts[index].StartsWith("message ", StringComparison.Ordinal))
            {
                var name = parts[index].Split(' ')[1];
                string[] fields = [.. parts.Skip(index + 1).TakeWhile(line => line[0] == ' ')];
                _messages[name] = new Lazy<MessageType>(() => new MessageType(name, [.. fields.Select(FieldOf)]));
            }
        }

        Methods = [.. parts.Where(line => line.StartsWith("method ", StringComparison.Ordinal))
            .Select(line => MethodOf(line.Split(' ')))];
    }

    /// <summary>Cloud ML Engine's own interface.</summary>
    public static ApiSurface V1 { get; } = Read("v1", "ml-v1.txt");

    /// <summary>What that lacks, in the same style; its messages are those of v1 and more.</summary>
    public static ApiSurface V1Beta { get; } = Read("v1beta", "ml-v1.txt", "ml-v1beta.txt");

    /// <summary>The first segment of its paths.</summary>
    public string Version { get; }

    public IReadOnlyList<ApiMethod> Methods { get; }

    public IEnumerable<MessageType> Messages => _messages.Values.Select(message => message.Value);

    public MessageType Message(string name) => _messages[name].Value;

    static ApiSurface Read(string version, params string[] files) => new(version, files.SelectMany(file =>
    {
        using var text =
            new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!); // embedded by the project
        return text.ReadToEnd().Split('\n')
            .Where(line => !line.StartsWith("method ", StringComparison.Ordinal) || line.Contains($" {version}/"));
    }));

    ApiMethod MethodOf(string[] words) => new(
        words[1], words[2], words[3], words[4], words[5] == "-" ? null : words[5], words[6] == "-" ? null : Message(words[6]),
        Message(words[7]), words.Length > 8 ? words[8].Split(',') : []);

    MessageField FieldOf(string line)
    {
        var words = line.Trim().Split(' ');
        var (name, type) = (words[0], words[1]);
        var isRepeated = type.EndsWith("[]", StringComparison.Ordinal);
        type = isRepeated ? type[..^2] : type;
        var isMap = type.StartsWith("map<", StringComparison.Ordinal);
        string[] values = words.SkipWhile(word => word != "enum").Skip(1).FirstOrDefault() is { } list ? list.Split('|') : [];
        var wire = type switch
        {
            "string" or "map<string,string>" => values.Length > 0 ? WireType.Enumeration : WireType.Text,
            "int32" => WireType.Int32,
            "int64" => WireType.Int64,
            "double" => WireType.Double,
            "boolean" => WireType.Boolean,
            "bytes" => WireType.Bytes,
            "Timestamp" => WireType.Timestamp,
            "Duration" => WireType.Duration,
            "any" => WireType.Any,
            _ => WireType.Message,
        };
        return new MessageField(
            name, wire, isRepeated, isMap, wire == WireType.Message ? _messages[type] : null, values, words.Contains("out"),
            words.Contains("req"));
    }
}
