#include "providers/stt/sphinx/language_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

namespace hs::providers::sphinx {
namespace {

constexpr std::size_t order = 3;
constexpr double fragment_weight = 0.05;
using Gram = std::vector<std::string>; // oldest word first

struct History {
    double count = 0; // times it was followed by anything
    double kinds = 0; // by how many different words
};

class Estimate {
public:
    Estimate(const std::vector<Sentence>& sentences, const std::vector<Sentence>& fragments) {
        for (const Sentence& sentence : sentences) {
            Gram words{"<s>"};
            words.insert(words.end(), sentence.begin(), sentence.end());
            words.push_back("</s>");
            count(words, 1, 1.0);
        }
        for (const Sentence& fragment : fragments)
            count(fragment, 0, fragment_weight);
        for (const auto& [gram, times] : counts_) {
            History& history = histories_[Gram(gram.begin(), gram.end() - 1)];
            history.count += times;
            if (gram.size() == 1) words_ += 1;
            history.kinds += std::min(1.0, times);
        }
    }

    [[nodiscard]] std::string arpa() const {
        std::array<std::string, order + 1> blocks;
        std::array<std::size_t, order + 1> sizes{};
        for (const auto& [gram, times] : counts_) {
            (void)times;
            add_line(gram, std::log10(probability(gram)), blocks[gram.size()]);
            ++sizes[gram.size()];
        }
        // The start is never predicted, but it is a history.
        add_line({"<s>"}, -99, blocks[1]);
        ++sizes[1];
        std::string out = "\\data\\\n";
        for (std::size_t n = 1; n <= order; ++n)
            out += "ngram " + std::to_string(n) + "=" + std::to_string(sizes[n]) + "\n";
        for (std::size_t n = 1; n <= order; ++n)
            out += "\n\\" + std::to_string(n) + "-grams:\n" + blocks[n];
        return out + "\n\\end\\\n";
    }

private:
    /// Counts the words from index `first` on with what stands before them.
    void count(const Gram& words, std::size_t first, double weight) {
        for (std::size_t last = first; last < words.size(); ++last)
            for (std::size_t n = 1; n <= order && n <= last + 1; ++n)
                counts_[Gram(words.begin() + std::ptrdiff_t(last + 1 - n),
                             words.begin() + std::ptrdiff_t(last + 1))] += weight;
    }

    [[nodiscard]] double probability(const Gram& gram) const {
        const Gram past(gram.begin(), gram.end() - 1);
        const History& history = histories_.at(past);
        const auto found = counts_.find(gram);
        const double times = found == counts_.end() ? 0 : found->second;
        const double lower =
            gram.size() == 1 ? 1.0 / words_ : probability(Gram(gram.begin() + 1, gram.end()));
        return (times + history.kinds * lower) / (history.count + history.kinds);
    }

    void add_line(const Gram& gram, double log_probability, std::string& out) const {
        char number[32];
        std::snprintf(number, sizeof number, "%.4f", log_probability);
        out += number;
        char separator = '\t';
        for (const std::string& word : gram) {
            out += separator + word;
            separator = ' ';
        }
        if (gram.size() < order) {
            const auto past = histories_.find(gram);
            const double left =
                past == histories_.end()
                    ? 1.0
                    : past->second.kinds / (past->second.count + past->second.kinds);
            std::snprintf(number, sizeof number, "\t%.4f", std::log10(left));
            out += number;
        }
        out += '\n';
    }

    std::map<Gram, double> counts_;
    double words_ = 0; // different ones
    std::map<Gram, History> histories_;
};

} // namespace

std::string estimate_arpa(const std::vector<Sentence>& sentences,
                          const std::vector<Sentence>& fragments) {
    if (sentences.empty()) return "";
    return Estimate(sentences, fragments).arpa();
}

} // namespace hs::providers::sphinx
