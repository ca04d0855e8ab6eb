using System.Text;

namespace Capstan.Data;

/// <summary>
/// Finds columns by the UTF-8 bytes of their names without making a string: a table of linear probing, asked only where the
/// caller's guess (the column after the last one found) is wrong. A column <c>user.age</c> is the field <c>age</c> of the object
/// <c>user</c>; which names are such objects is known, too. Immutable.
/// </summary>
public sealed class FieldPaths
{
    readonly NameTable _names;
    readonly NameTable _objects;

    public FieldPaths(IEnumerable<string> names)
    {
        string[] all = [.. names];
        _names = new NameTable(all);
        _objects = new NameTable([.. all.SelectMany(ObjectsOf).Distinct(StringComparer.Ordinal)]);
    }

    /// <param name="path">The name's UTF-8 bytes, unescaped, after those of the objects around it with dots between.</param>
    /// <param name="guess">The position to try first; any number.</param>
    /// <returns>The 0-based position, or -1 for an unknown name.</returns>
    public int Find(ReadOnlySpan<byte> path, int guess) => _names.Find(path, guess);

    /// <summary>Whether an object of that path holds columns.</summary>
    public bool IsObject(ReadOnlySpan<byte> path) => _objects.Find(path, -1) >= 0;

    /// <summary>The positions of the columns within an object. Slow: for objects that are null.</summary>
    public IEnumerable<int> Within(string path)
    {
        var prefix = Encoding.UTF8.GetBytes($"{path}.");
        return _names.StartingWith(prefix);
    }

    static IEnumerable<string> ObjectsOf(string name)
    {
        for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            yield return name[..dot];
        }
    }

    sealed class NameTable
    {
        readonly byte[][] _names;
        readonly int[] _slots;

        public NameTable(string[] names)
        {
            _names = [.. names.Select(Encoding.UTF8.GetBytes)];
            _slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_names.Length * 2 + 1))];
            for (var index = 0; index < _names.Length; index++)
            {
                var slot = SlotOf(_names[index]);
                while (_slots[slot] != 0)
                {
                    slot = slot + 1 & _slots.Length - 1;
                }

                _slots[slot] = index + 1;
            }
        }

        public int Find(ReadOnlySpan<byte> name, int guess)
        {
            if ((uint)guess < (uint)_names.Length && name.SequenceEqual(_names[guess]))
            {
                return guess;
            }

            if (_names.Length == 0)
            {
                return -1;
            }

            for (var slot = SlotOf(name); _slots[slot] != 0; slot = slot + 1 & _slots.Length - 1)
            {
                if (name.SequenceEqual(_names[_slots[slot] - 1]))
                {
                    return _slots[slot] - 1;
                }
            }

            return -1;
        }

        public IEnumerable<int> StartingWith(byte[] prefix) =>
            Enumerable.Range(0, _names.Length).Where(index => _names[index].AsSpan().StartsWith(prefix));

        int SlotOf(ReadOnlySpan<byte> name) => (int)MurmurHash3.Hash32(name, 0) & _slots.Length - 1;
    }
}
