using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Capstan.Data;

/// <summary>
/// Something to be done with the rows of a split, wherever that happens: what it writes depends on the rows alone. It travels as its
/// <see cref="Kind"/> and <see cref="Content"/>.
/// </summary>
public abstract class SplitTask
{
    const int MostAnswerBytes = 1 << 30;

    /// <summary>Names the class to whoever gets the task; never used for another.</summary>
    public abstract string Kind { get; }

    /// <summary>What the class makes the same task of again.</summary>
    public abstract ReadOnlyMemory<byte> Content { get; }

    /// <summary>Reads a split and writes what is found; the end of that can be seen from itself.</summary>
    /// <returns>How many rows were read.</returns>
    public abstract Task<long> RunAsync(IBatchSource source, Split split, Stream answer, CancellationToken cancellationToken);

    /// <summary>What others answer about all splits, in the splits' order; each is valid until the next is asked for.</summary>
    public async IAsyncEnumerable<SplitAnswer> AnswersAsync(
        IBatchSource source, ISplitPool pool, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (asked, next) = (new Queue<Task<SplitAnswer>>(), 0);
        try
        {
            while (true)
            {
                while (next < source.Splits.Count && asked.Count < pool.Ahead)
                {
                    asked.Enqueue(pool.AskAsync(this, source, source.Splits[next++], ending.Token));
                }

                if (asked.Count == 0)
                {
                    yield break;
                }

                using var answer = await asked.Dequeue();
                yield return answer;
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(asked).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            foreach (var unused in asked.Where(each => each.IsCompletedSuccessfully))
            {
                (await unused).Dispose();
            }
        }
    }

    /// <summary>Writes a state, led by its length.</summary>
    public static void Write<T>(Stream answer, T state)
        where T : IStoredState<T>
    {
        var bytes = state.ToBytes();
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        answer.Write(length);
        answer.Write(bytes);
    }

    /// <exception cref="CorruptStateException">The bytes are not one whole state of this kind.</exception>
    public static T Read<T>(Stream answer)
        where T : IStoredState<T>
    {
        try
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            answer.ReadExactly(length);
            var count = BinaryPrimitives.ReadInt32LittleEndian(length);
            if (count is < 0 or > MostAnswerBytes || count > answer.Length - answer.Position)
            {
                throw new CorruptStateException(typeof(T).Name, $"it claims {count:N0} bytes of {answer.Length - answer.Position:N0}");
            }

            var bytes = new byte[count];
            answer.ReadExactly(bytes);
            return StoredState.FromBytes<T>(bytes);
        }
        catch (EndOfStreamException cause)
        {
            throw new CorruptStateException(typeof(T).Name, "it ends too early", cause);
        }
    }
}
