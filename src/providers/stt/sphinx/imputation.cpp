#include "providers/stt/sphinx/imputation.hpp"

#include <cmath>
#include <cstdint>
#include <fstream>
#include <numbers>
#include <utility>

namespace hs::providers::sphinx {
namespace {

/// What thirteen cepstra cannot say of a band (log energy, squared): detail between the bands.
constexpr double residual_variance = 0.15;

using Matrix = std::vector<std::vector<double>>;

struct Gaussians {
    std::uint32_t codebooks = 0;
    std::uint32_t streams = 0;
    std::uint32_t densities = 0;
    std::vector<float> values; // [codebook][stream][density][13]
};

/// The parameter files of the model: text header to "endhdr", byte order mark, counts, floats.
Gaussians read_gaussians(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string line;
    while (std::getline(file, line) && !line.ends_with("endhdr")) {
    }
    const auto number = [&file] {
        std::uint32_t value = 0;
        file.read(reinterpret_cast<char*>(&value), sizeof value);
        return value;
    };
    if (number() != 0x11223344) return {}; // other byte order: go without
    Gaussians out{number(), number(), number(), {}};
    for (std::uint32_t stream = 0; stream < out.streams; ++stream)
        if (number() != cepstra_count) return {};
    const std::uint32_t total = number();
    if (!file || total > 16'000'000 ||
        total != out.codebooks * out.streams * out.densities * cepstra_count)
        return {};
    out.values.resize(total);
    file.read(reinterpret_cast<char*>(out.values.data()), std::streamsize(total * sizeof(float)));
    return file ? out : Gaussians{};
}

/// Solves a * x = b for every column of b, by elimination with pivots. a is positive definite.
Matrix solve(Matrix a, Matrix b) {
    const std::size_t size = a.size();
    for (std::size_t column = 0; column < size; ++column) {
        std::size_t pivot = column;
        for (std::size_t row = column + 1; row < size; ++row)
            if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
        std::swap(a[column], a[pivot]);
        std::swap(b[column], b[pivot]);
        for (std::size_t row = 0; row < size; ++row) {
            if (row == column) continue;
            const double factor = a[row][column] / a[column][column];
            for (std::size_t k = column; k < size; ++k)
                a[row][k] -= factor * a[column][k];
            for (std::size_t k = 0; k < b[row].size(); ++k)
                b[row][k] -= factor * b[column][k];
        }
    }
    for (std::size_t row = 0; row < size; ++row)
        for (double& value : b[row])
            value /= a[row][row];
    return b;
}

} // namespace

CepstralTransform::CepstralTransform(std::size_t bands, int lifter) : bands_(bands) {
    for (std::size_t k = 0; k < cepstra_count; ++k)
        lifter_[k] = lifter == 0
                         ? 1.0
                         : 1.0 + lifter / 2.0 * std::sin(double(k) * std::numbers::pi / lifter);
    const auto count = double(bands);
    for (std::size_t band = 0; band < bands; ++band) {
        std::array<double, cepstra_count> row{};
        for (std::size_t k = 0; k < cepstra_count; ++k) {
            const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / count);
            row[k] = scale * std::cos(std::numbers::pi * double(k) * (double(band) + 0.5) / count);
        }
        basis_.push_back(row);
    }
}

std::vector<float> CepstralTransform::operator()(const std::vector<float>& bands) const {
    std::vector<float> out(cepstra_count);
    for (std::size_t k = 0; k < cepstra_count; ++k) {
        double sum = 0;
        for (std::size_t band = 0; band < bands_; ++band)
            sum += basis_[band][k] * bands[band];
        out[k] = float(sum * lifter_[k]);
    }
    return out;
}

double CepstralTransform::inverse(std::size_t b, std::size_t k) const {
    return basis_[b][k] / lifter_[k]; // the cosine basis is orthonormal
}

CepstralSpread read_spread(const std::string& model_folder) {
    const Gaussians means = read_gaussians(model_folder + "/means");
    const Gaussians variances = read_gaussians(model_folder + "/variances");
    CepstralSpread spread;
    if (means.values.empty() || means.values.size() != variances.values.size()) return spread;
    const double weight = 1.0 / (double(means.codebooks) * means.densities);
    for (std::size_t codebook = 0; codebook < means.codebooks; ++codebook) {
        for (std::size_t density = 0; density < means.densities; ++density) {
            // Stream 0 holds the static cepstra.
            const std::size_t at =
                (codebook * means.streams * means.densities + density) * cepstra_count;
            for (std::size_t i = 0; i < cepstra_count; ++i) {
                for (std::size_t j = 0; j < cepstra_count; ++j)
                    spread.covariance[i][j] +=
                        weight * double(means.values[at + i]) * double(means.values[at + j]);
                spread.covariance[i][i] += weight * double(variances.values[at + i]);
            }
        }
    }
    return spread;
}

BandImputation::BandImputation(const CepstralTransform& transform,
                               const CepstralSpread& spread,
                               std::size_t seen) {
    // Cepstra c spread with covariance S and bands A c + residual: the best linear estimate of
    // missing bands is A_m S A_s' (A_s S A_s' + residual)^-1 times the seen ones.
    const std::size_t bands = transform.bands();
    Matrix crossed(bands, std::vector<double>(cepstra_count)); // A S
    for (std::size_t b = 0; b < bands; ++b)
        for (std::size_t k = 0; k < cepstra_count; ++k)
            for (std::size_t j = 0; j < cepstra_count; ++j)
                crossed[b][k] += transform.inverse(b, j) * spread.covariance[j][k];
    const auto covariance = [&](std::size_t a, std::size_t b) {
        double sum = 0;
        for (std::size_t k = 0; k < cepstra_count; ++k)
            sum += crossed[a][k] * transform.inverse(b, k);
        return sum;
    };
    Matrix observed(seen, std::vector<double>(seen));
    Matrix wanted(seen, std::vector<double>(bands - seen));
    for (std::size_t b = 0; b < seen; ++b) {
        for (std::size_t other = 0; other < seen; ++other)
            observed[b][other] = covariance(b, other);
        observed[b][b] += residual_variance;
        for (std::size_t m = seen; m < bands; ++m)
            wanted[b][m - seen] = covariance(b, m);
    }
    const Matrix solved = solve(observed, wanted);
    gain_.assign(bands - seen, std::vector<double>(seen));
    for (std::size_t m = 0; m < gain_.size(); ++m)
        for (std::size_t b = 0; b < seen; ++b)
            gain_[m][b] = solved[b][m];
}

void BandImputation::fill(std::vector<float>& deviation) const {
    const std::size_t seen = deviation.size() - gain_.size();
    for (std::size_t m = 0; m < gain_.size(); ++m) {
        double sum = 0;
        for (std::size_t b = 0; b < seen; ++b)
            sum += gain_[m][b] * double(deviation[b]);
        deviation[seen + m] = float(sum);
    }
}

} // namespace hs::providers::sphinx
