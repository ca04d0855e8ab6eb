using System.Runtime.CompilerServices;

namespace Capstan.Training;

/// <summary>
/// The coordinates of a linear learner, for those who keep them elsewhere: places are 0 for the bias, then the numeric features, then
/// all features' categories. Each place has <see cref="Outputs"/> coordinates, one for each score.
/// </summary>
interface ISharedCoordinates : IResumableLearner
{
    /// <summary>Scores of a row.</summary>
    int Outputs { get; }

    /// <summary>Takes up coordinates.</summary>
    /// <param name="rows">Places, counted from the first.</param>
    /// <param name="states">[rows × outputs × form]: z, n and weight of each, or the weight alone.</param>
    void Put(int firstPlace, ReadOnlySpan<int> rows, ReadOnlySpan<float> states, CoordinateForm form);

    /// <summary>Writes coordinates out, laid out as <see cref="Put"/> takes them.</summary>
    void Get(int firstPlace, ReadOnlySpan<int> rows, Span<float> states, CoordinateForm form);

    /// <summary>The gradients of the rows' losses with respect to their scores; learns nothing.</summary>
    /// <param name="slopes">[rows × outputs], overwritten: weight × ∂loss / ∂score, in learned units.</param>
    /// <returns>Σ weight × loss, as <see cref="ILearner.Learn"/> returns it.</returns>
    double Slopes(TrainingBatch batch, Span<float> slopes);

    /// <summary>The place of the numeric feature that is added to every score as it is, among the numeric features; −1 for none.</summary>
    int Offset { get; }
}

/// <summary>What of a coordinate travels.</summary>
enum CoordinateForm
{
    /// <summary>The weight: enough to compute gradients.</summary>
    Weight = 1,

    /// <summary>z, n and the weight: enough to go on learning, to the same bits.</summary>
    State = 3,
}

/// <summary>A coordinate as three numbers; √n follows from n.</summary>
static class CoordinateState
{
    public static void Put(ref Coordinate coordinate, ReadOnlySpan<float> state, CoordinateForm form) => coordinate = form == CoordinateForm.Weight
        ? new Coordinate { W = state[0] }
        : new Coordinate { Z = state[0], N = state[1], W = state[2], RootN = MathF.Sqrt(state[1]) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Get(in Coordinate coordinate, Span<float> state, CoordinateForm form)
    {
        if (form == CoordinateForm.Weight)
        {
            state[0] = coordinate.W;
            return;
        }

        (state[0], state[1], state[2]) = (coordinate.Z, coordinate.N, coordinate.W);
    }

    /// <summary>Whether a coordinate is as if nothing had been learned of it.</summary>
    public static bool IsFresh(ReadOnlySpan<float> state) => !state.ContainsAnyExcept(0f);
}
