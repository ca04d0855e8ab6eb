namespace Capstan.Data.DuckDb;

/// <summary>What is expected of a row of any text file, in words.</summary>
static class TextFaults
{
    public const string ValidUtf8 = "valid UTF-8 text (if the whole file is Latin-1, convert it: iconv -f LATIN1 -t UTF-8)";

    public static readonly string BoundedLength =
        $"at most {TextWindow.MaxRecordBytes:N0} bytes in a row (is a line break or a closing quote missing?)";
}
