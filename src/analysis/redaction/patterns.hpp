/// Personal data that is not a plain run of digits: e-mail, payment address, plates, names, places.
#pragma once

#include <string>
#include <vector>

#include "analysis/redaction.hpp"
#include "analysis/redaction/cues.hpp"
#include "analysis/redaction/spoken_words.hpp"

namespace hs::analysis::redaction {

struct Hit {
    const char* type = "NUMBER";
    int turn = 0; // index from 0
    int from = 0;
    int to = 0; // inclusive
};

using Hits = std::vector<Hit>;

void find_mail_and_payment(const std::vector<SpokenTurn>& turns, Hits& hits); ///< EMAIL, UPI
void find_plates_and_pan(const std::vector<SpokenTurn>& turns, Hits& hits);   ///< VEHICLE, PAN
void find_birth_dates(const std::vector<SpokenTurn>& turns, const CueMap& cues, Hits& hits);
void find_addresses(const std::vector<SpokenTurn>& turns, const CueMap& cues, Hits& hits);

/// Names of the metadata wherever they are said, and what the customer calls himself.
void find_names(const std::vector<SpokenTurn>& turns,
                const CueMap& cues,
                const std::vector<std::string>& known,
                Hits& hits);

} // namespace hs::analysis::redaction
