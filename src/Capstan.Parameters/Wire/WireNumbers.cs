namespace Capstan.Parameters;

/// <summary>How numbers travel. Stored in frames; never reused.</summary>
enum WireNumbers : byte
{
    /// <summary>32 bits, as they are computed.</summary>
    Single = 1,

    /// <summary>The upper 16 bits of those, rounded to nearest even: the same range, 8 bits of precision.</summary>
    BFloat16 = 2,

    /// <summary>IEEE 754 half precision: 11 bits of precision, up to 65,504.</summary>
    Half = 3,
}
