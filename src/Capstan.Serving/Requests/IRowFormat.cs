using System.Buffers;

namespace Capstan.Serving;

/// <summary>How a body of any length holds its rows: bytes go in as they come, answers go out row by row. One for each request.</summary>
interface IRowFormat
{
    /// <summary>Of the answer, too.</summary>
    string ContentType { get; }

    /// <summary>Takes the next record, without its end, from the front of what has come.</summary>
    /// <param name="isLast">Whether nothing more comes; then the last record may lack its end.</param>
    /// <returns>False where the next record is not whole yet.</returns>
    bool TryTake(ref ReadOnlySequence<byte> rest, bool isLast, out ReadOnlySequence<byte> record);

    /// <summary>Reads a record.</summary>
    /// <param name="number">The row's number from 0, for messages.</param>
    /// <returns>False for a record that is no row.</returns>
    /// <exception cref="RefusedRequestException">It is not what the model takes.</exception>
    bool TryAdd(ScoringLane lane, in ReadOnlySequence<byte> record, int number);

    /// <summary>Answers the rows that were added since the last answer.</summary>
    /// <param name="first">The number of the first of them.</param>
    /// <returns>The UTF-8 answer; valid until the next call.</returns>
    /// <exception cref="RefusedRequestException">A prediction is not finite.</exception>
    ReadOnlyMemory<byte> Answer(ScoringLane lane, int first);

    /// <summary>Forgets the rows that were added.</summary>
    void Begin(ScoringLane lane);
}
