#include "analysis/text/variants.hpp"

#include <string>
#include <unordered_map>

namespace hs::analysis {

namespace {

// One group a line, the canonical spelling first. English words that are also roman Hindi ("main",
// "the", "or", "me") stay out: joining them would be wrong more often than right.
constexpr std::string_view groups = R"(
kya kyaa kia क्या
hai hae है
hain हैं हें
nahi nahin nhi nahee nahii nahiin नहीं नही
mat मत
na ना न
bina binaa बिना
kripya krupya kripiya kripaya krpya kripyaa कृपया कृप्या
please plz pls pliz प्लीज प्लीज़
bataiye bataye bataiyega batayein bataayein bataie btaiye batayiye batayen बताइए बताइये बताएं बताएँ बतायें बताइएगा बताएंगे
batao btao bataao बताओ
bata bta बता
dijiye dijie dijiyega deejiye dijeye दीजिए दीजिये दीजिएगा
kijiye kijie kijiyega keejiye कीजिए कीजिये कीजिएगा
bhejiye bhejie bhejiyega भेजिए भेजिये
otp ओटीपी
pin पिन
cvv सीवीवी
upi यूपीआई
app ऐप एप ऍप
sms एसएमएस
sir सर
madam maam mam मैडम मैम मेडम
ji jee जी
aap आप
aapka apka aapkaa आपका
aapki apki आपकी
aapke apke आपके
mera meraa मेरा
meri मेरी
mere मेरे
hum ham हम
haan haa हां हाँ
theek thik teek ठीक
kyon kyun kyu kyunki क्यों क्यूं क्यूँ
kaise kese kaisey कैसे
mujhe muje mujhey मुझे
bahut bohot bohut bahot bhot बहुत
gaya gya गया
gayi gai gyi गई गयी
gaye गए गये
hua huwa huaa हुआ
hui huyi हुई
hue हुए
raha rha रहा
rahi rhi रही
rahe rhe रहे
kar kr कर
karo kro करो
karna krna करना
karke krke करके
karein karen kare करें
kuch kuchh kch कुछ
koi कोई
aur और
ko को
ka का
ki की कि
ke के
se से
ho हो
tha था
thi थी
ye yeh yah यह ये
wo woh vo voh वह वो
ya या
lekin lekhin लेकिन
par पर
magar मगर
number नंबर नम्बर numbar nambar नं
mobile मोबाइल mobail
call कॉल काल
battery बैटरी betri बेटरी
station स्टेशन steshan
swap स्वैप
refund रिफंड रिफ़ंड रिफण्ड rifund
okay ok okey ओके
hello हेलो हैलो helo
thank थैंक
thanks थैंक्स thanx
you यू
sorry सॉरी sory
minute मिनट minit
minutes मिनट्स
time टाइम taim
problem प्रॉब्लम प्राब्लम
issue इश्यू
ticket टिकट
account अकाउंट एकाउंट खाता
payment पेमेंट
amount अमाउंट
card कार्ड
code कोड
link लिंक
message msg मैसेज मेसेज
service सर्विस
center centre सेंटर सेन्टर
customer कस्टमर
care केयर
company कंपनी कम्पनी
complaint कंप्लेंट कम्प्लेंट
police पुलिस
court कोर्ट
lawyer लॉयर
vakil wakil vakeel wakeel वकील
senior सीनियर
supervisor सुपरवाइजर सुपरवाइज़र
technician टेक्नीशियन टेक्निशियन
hold होल्ड
line लाइन
welcome वेलकम
help हेल्प
support सपोर्ट
team टीम
confirm कन्फर्म कंफर्म कन्फ़र्म
verify वेरिफाई वेरीफाई
password पासवर्ड
bank बैंक
working वर्किंग
days डेज
rupees rupaye rupay rupaiye rupee rupiya rs inr रुपये रुपए रुपया रूपये रुपयों
cancel कैंसिल कैंसल
plan प्लान
scooter स्कूटर
driver ड्राइवर
good गुड
morning मॉर्निंग
evening इवनिंग
afternoon आफ्टरनून
day डे
online ऑनलाइन
location लोकेशन
details डिटेल्स
detail डिटेल
update अपडेट
check चेक
book बुक
charge चार्ज
insurance इंश्योरेंस
slot स्लॉट
vehicle व्हीकल वाहन
address एड्रेस
email ईमेल
media मीडिया
social सोशल
youtube यूट्यूब
whatsapp व्हाट्सएप व्हाट्सऐप
twitter ट्विटर
accident एक्सीडेंट
ambulance एम्बुलेंस
hospital हॉस्पिटल
)";

std::unordered_map<std::string_view, std::string_view> read_groups() {
    std::unordered_map<std::string_view, std::string_view> table;
    std::string_view rest = groups;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const auto first = line.substr(0, line.find(' '));
        for (std::size_t at = 0; at < line.size();) {
            const auto end = std::min(line.find(' ', at), line.size());
            table.emplace(line.substr(at, end - at), first);
            at = end + 1;
        }
    }
    return table;
}

} // namespace

std::string_view canonical_spelling(std::string_view word) {
    static const auto table = read_groups();
    const auto found = table.find(word);
    return found == table.end() ? std::string_view{} : found->second;
}

} // namespace hs::analysis
