using System.Buffers;

namespace Capstan.Serving;

/// <summary>JSON lines: an object a line in, a prediction a line out. Empty lines are no rows.</summary>
sealed class JsonLinesFormat : IRowFormat
{
    public static readonly JsonLinesFormat Instance = new();

    public string ContentType => "application/jsonl";

    public bool TryTake(ref ReadOnlySequence<byte> rest, bool isLast, out ReadOnlySequence<byte> record)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            record = rest.Slice(0, end);
            rest = rest.Slice(rest.GetPosition(1, end));
            return true;
        }

        record = rest;
        if (!isLast || rest.IsEmpty)
        {
            return false;
        }

        rest = rest.Slice(rest.End);
        return true;
    }

    public bool TryAdd(ScoringLane lane, in ReadOnlySequence<byte> record, int number)
    {
        if (record.IsEmpty || (record.Length == 1 && record.FirstSpan[0] == (byte)'\r'))
        {
            return false;
        }

        lane.AddLine(record, number);
        return true;
    }

    public ReadOnlyMemory<byte> Answer(ScoringLane lane, int first) => lane.AnswerLines(first);

    public void Begin(ScoringLane lane) => lane.BeginLines();
}
