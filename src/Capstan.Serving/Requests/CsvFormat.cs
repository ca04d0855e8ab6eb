using System.Buffers;

namespace Capstan.Serving;

/// <summary>
/// CSV (RFC 4180): a row in, a row of predictions out. Whether the first record is a header says the media type's parameter "header" (present or
/// absent); without it, it is one if it names columns. Without a header a row has all inputs in the signature's order, and the answer has no
/// header either.
/// </summary>
/// <param name="header">Whether there is a header; null leaves it to the first record.</param>
sealed class CsvFormat(bool? header) : IRowFormat
{
    bool _isFirst = true;
    bool _answersHeader;

    // How far the record that is not whole yet was looked at, and whether that ended within quotes.
    long _looked;
    bool _isQuoted;

    public string ContentType => "text/csv";

    public bool TryTake(ref ReadOnlySequence<byte> rest, bool isLast, out ReadOnlySequence<byte> record)
    {
        var reader = new SequenceReader<byte>(rest);
        reader.Advance(_looked);
        while (reader.TryAdvanceToAny("\"\n"u8, advancePastDelimiter: false))
        {
            reader.TryRead(out var found);
            if (found == (byte)'"')
            {
                _isQuoted = !_isQuoted;
            }
            else if (!_isQuoted)
            {
                record = rest.Slice(0, reader.Consumed - 1);
                rest = rest.Slice(reader.Position);
                _looked = 0;
                return true;
            }
        }

        _looked = rest.Length;
        record = rest;
        if (!isLast || rest.IsEmpty)
        {
            return false;
        }

        rest = rest.Slice(rest.End);
        (_looked, _isQuoted) = (0, false);
        return true;
    }

    public bool TryAdd(ScoringLane lane, in ReadOnlySequence<byte> record, int number)
    {
        if (record.IsEmpty || (record.Length == 1 && record.FirstSpan[0] == (byte)'\r'))
        {
            return false;
        }

        if (_isFirst)
        {
            _isFirst = false;
            _answersHeader = lane.BeginCsv(record, header);
            if (_answersHeader)
            {
                return false;
            }
        }

        lane.AddCsv(record, number);
        return true;
    }

    public ReadOnlyMemory<byte> Answer(ScoringLane lane, int first)
    {
        var answer = lane.AnswerCsv(first, _answersHeader);
        _answersHeader = false;
        return answer;
    }

    public void Begin(ScoringLane lane) => lane.ClearCsv();
}
