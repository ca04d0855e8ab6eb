using System.Diagnostics;

namespace Capstan.Data.DuckDb;

/// <summary>Why a CSV record can't be cut into fields.</summary>
enum CsvFault : byte
{
    None = 0,
    UnclosedQuote = 1,
    TextAfterQuote = 2,
    NotUtf8 = 3,
    TooLong = 4,
}

/// <summary>Says faults of CSV records in words.</summary>
static class CsvFaults
{
    public static string Describe(CsvFault fault) => fault switch
    {
        CsvFault.UnclosedQuote => "a quoted field is not closed.",
        CsvFault.TextAfterQuote => "text follows the closing quote of a field.",
        CsvFault.NotUtf8 => "it is not valid UTF-8 text; convert the file (iconv -f LATIN1 -t UTF-8).",
        CsvFault.TooLong => $"it is longer than {TextWindow.MaxRecordBytes:N0} bytes.",
        _ => throw new UnreachableException(),
    };

    public static string Expectation(CsvFault fault) => fault switch
    {
        CsvFault.UnclosedQuote => "a closing quote (is one too many or missing on this line?)",
        CsvFault.TextAfterQuote => "a delimiter or line end after the closing quote (quotes within a field are doubled)",
        CsvFault.NotUtf8 => TextFaults.ValidUtf8,
        CsvFault.TooLong => TextFaults.BoundedLength,
        _ => throw new UnreachableException(),
    };
}
