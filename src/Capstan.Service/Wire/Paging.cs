using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Capstan.Service;

/// <summary>Page sizes, and tokens that say where the next page begins. A token holds no secret and grants nothing.</summary>
static class Paging
{
    const int UsualSize = 20;
    const int LargestSize = 100;

    /// <exception cref="ServiceException">It is no number, or negative.</exception>
    public static int SizeOf(string? pageSize)
    {
        if (string.IsNullOrEmpty(pageSize))
        {
            return UsualSize;
        }

        return int.TryParse(pageSize, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size == 0 ? UsualSize : Math.Min(size, LargestSize)
            : throw ServiceException.Invalid("pageSize", $"'{Quote.Short(pageSize)}' is no number from 1 to {LargestSize}.");
    }

    /// <summary>Where the last page ended: a name or a sequence number.</summary>
    public static string TokenOf(object last) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        last is long sequence ? $"s{sequence.ToString(CultureInfo.InvariantCulture)}" : $"n{last}"));

    /// <returns>Null: the first page.</returns>
    /// <exception cref="ServiceException">The token is none of this list's.</exception>
    public static object? After(string? token, bool byName)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        try
        {
            var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
            if (byName && text is ['n', .. var name])
            {
                return name;
            }

            if (!byName && text is ['s', .. var digits] &&
                long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            {
                return sequence;
            }
        }
        catch (FormatException)
        {
            // Told below.
        }

        throw ServiceException.Invalid("pageToken",
            $"'{Quote.Short(token)}' is no token of this list; send nextPageToken of the page before, or none.");
    }
}
