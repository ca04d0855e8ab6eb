using System.Text.Json;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>The fields of one instance, in any order, flat or in objects.</summary>
sealed partial class InstanceReader
{
    void ReadInstance(ref Utf8JsonReader reader)
    {
        (_count, _guess) = (0, 0);
        ReadFields(ref reader);
        if (_count < _seenIn.Length)
        {
            var absent = _seenIn.AsSpan().IndexOfAnyExcept(_instance);
            Refuse(RequestProblems.MissingField(_instance, _inputs.Fields[absent]));
        }
    }

    /// <summary>
    /// The fields of an instance, or of an object in it; those of objects deeper than the JSON reader goes are refused there.
    /// </summary>
    void ReadFields(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var path = _path.Of(_cells.Unescaped(ref reader));
            var index = _names.Find(path, _guess);
            var isObject = _names.IsObject(path);
            if (index < 0 && !isObject)
            {
                Refuse(RequestProblems.UnknownField(_instance, System.Text.Encoding.UTF8.GetString(path), _inputs));
            }

            _field = index < _seenIn.Length ? index : -1;
            reader.Read();
            if (isObject && reader.TokenType == JsonTokenType.StartObject)
            {
                _field = -1;
                var outer = _path.Enter(path);
                ReadFields(ref reader);
                _path.Leave(outer);
            }
            else if (index >= 0)
            {
                ReadField(ref reader, index);
            }
            else if (reader.TokenType == JsonTokenType.Null)
            {
                MissWithin(System.Text.Encoding.UTF8.GetString(path));
            }
            else
            {
                Refuse(RequestProblems.NotAnObjectOfColumns(
                    _instance, System.Text.Encoding.UTF8.GetString(path), CellReader.Describe(ref reader)));
            }
        }
    }

    void ReadField(ref Utf8JsonReader reader, int index)
    {
        _guess = index + 1;
        if (index >= _seenIn.Length)
        {
            reader.Skip();
            return;
        }

        See(index);
        _cells.Append(ref reader, index, _instance);
        _field = -1;
    }

    /// <summary>An object that is null: its columns are missing.</summary>
    void MissWithin(string path)
    {
        foreach (var index in _names.Within(path).Where(index => index < _seenIn.Length))
        {
            See(index);
            _builder.Columns[index].AppendMissing();
        }
    }

    void See(int index)
    {
        if (_seenIn[index] == _instance)
        {
            Refuse(RequestProblems.DuplicateField(_instance, _inputs.Fields[index].Name));
        }

        _seenIn[index] = _instance;
        _count++;
    }
}
