using System.Runtime.InteropServices;

namespace Capstan.Training;

/// <summary>Errors of rows held out, in bounded memory: all of them, or every second, fourth, … where there are very
/// many.</summary>
public sealed class HeldErrors(int most = 1 << 20)
{
    readonly List<double> _errors = [];
    long _seen;
    long _step = 1;

    /// <summary>[at most as many as were asked for]; changing their order is no harm once all are in.</summary>
    public Span<double> Errors => CollectionsMarshal.AsSpan(_errors);

    public void Add(double error)
    {
        if (_seen++ % _step != 0)
        {
            return;
        }

        if (_errors.Count == most)
        {
            Halve();
            if ((_seen - 1) % _step != 0)
            {
                return;
            }
        }

        _errors.Add(error);
    }

    void Halve()
    {
        for (var kept = 0; 2 * kept < _errors.Count; kept++)
        {
            _errors[kept] = _errors[2 * kept];
        }

        _errors.RemoveRange((_errors.Count + 1) / 2, _errors.Count / 2);
        _step *= 2;
    }
}
