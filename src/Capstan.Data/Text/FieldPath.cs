namespace Capstan.Data;

/// <summary>
/// Where a reader of JSON is: the names of the objects around it, as UTF-8 with dots between. Its memory grows to the longest
/// path and is then reused. Not thread-safe.
/// </summary>
public sealed class FieldPath
{
    byte[] _bytes = new byte[128];
    int _prefix;

    /// <summary>The path of a field of the object that was entered last; valid until the next call.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> name)
    {
        if (_prefix == 0)
        {
            return name;
        }

        Reserve(name.Length);
        name.CopyTo(_bytes.AsSpan(_prefix));
        return _bytes.AsSpan(0, _prefix + name.Length);
    }

    /// <summary>Enters the object of a path that <see cref="Of"/> gave.</summary>
    /// <returns>What <see cref="Leave"/> wants back.</returns>
    public int Enter(ReadOnlySpan<byte> path)
    {
        var before = _prefix;
        Reserve(path.Length + 1);
        path.CopyTo(_bytes);
        _bytes[path.Length] = (byte)'.';
        _prefix = path.Length + 1;
        return before;
    }

    /// <summary>Leaves the object that was entered last.</summary>
    public void Leave(int before) => _prefix = before;

    /// <summary>Goes back to the outermost object, from wherever reading broke off.</summary>
    public void Reset() => _prefix = 0;

    void Reserve(int count)
    {
        if (_prefix + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _prefix + count));
        }
    }
}
