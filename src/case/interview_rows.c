/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the interview asks, in its order: the questionnaire, then the figures that the account is computed from. One row, one
 * field of the case (R-CASE-30). Its words are ours, in both languages.
 */
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "case/interview.h"
#include "case/work_fields.h"

const struct jb_ask jb_asks[] = {
    {.key = "case",
     .text = {"A short name for the case?", "Een korte naam voor de casus?"},
     .why = {"Commands and tables call the case by it. Letters, digits, '-' and '_'.",
             "Zo heet de casus in opdrachten en tabellen. Letters, cijfers, '-' en '_'."},
     .example = {"asphalt-damage", "asfaltschade"}},
    {.key = "title",
     .text = {"The case in a few words?", "De casus in een paar woorden?"},
     .why = {"It stands above the account. Name no person and no firm that does not want it.",
             "Dit staat boven de rekening. Noem geen personen of bedrijven die dat niet willen."},
     .example = {"damage to roads, recognised in video",
                 "schade aan wegen, herkend in videobeelden"}},
    {.key = "project.question",
     .why = {"What was asked for decides how much had to be trained.",
             "Wat er gevraagd werd, bepaalt hoeveel er getraind moest worden."},
     .example = {"how good are these roads", "hoe goed zijn deze wegen"}},
    {.key = "project.problem",
     .why = {"It tells whether deep learning was the only way out.",
             "Het laat zien of deep learning de enige uitweg was."},
     .example = {"inspection takes too long", "keuren duurt te lang"}},
    {.key = "project.requirements",
     .why = {"High demands make for many trainings; it is compared across cases.",
             "Hoge eisen betekenen veel trainingen; dit wordt tussen casussen vergeleken."},
     .example = {"as good as an inspector", "minstens zo goed als een keurmeester"}},
    {.key = "project.wishes",
     .why = {"Wishes beside the requirements cost trainings too.",
             "Ook wensen naast de eisen kosten trainingen."},
     .example = {"the same for other roads", "hetzelfde voor andere wegen"}},
    {.key = "project.conflicts",
     .why = {"Opposed interests are one of the fifteen restrictions.",
             "Tegengestelde belangen zijn een van de vijftien belemmeringen."},
     .example = {"privacy against more data", "privacy tegenover meer gegevens"}},
    {.key = "project.energy_mentioned",
     .why = {"Where nobody spoke of it, incentive and awareness were lacking. 'no' or what was "
             "said.",
             "Sprak niemand erover, dan ontbraken aanleiding en besef. 'nee' of wat er gezegd is."},
     .example = {"no", "nee"}},
    {.key = "project.sector",
     .why = {"Cases are compared by it.", "Hierop worden casussen vergeleken."},
     .example = {"civil engineering", "wegenbouw"}},
    {.key = "project.experience",
     .why = {"A client who knows little cannot ask for the energy. 'none' or what there was.",
             "Een klant die er weinig van weet, kan niet naar de energie vragen. 'geen' of wat er "
             "was."},
     .example = {"one earlier project", "één eerder project"}},
    {.key = "project.stakeholders",
     .why = {"It tells who could ask for an account of the energy. Roles, no names.",
             "Het laat zien wie om een energierekening kan vragen. Rollen, geen namen."},
     .example = {"road authorities, inspectors, developers",
                 "wegbeheerders, keurmeesters, ontwikkelaars"}},
    {.key = "model.purpose",
     .why = {"The account is read beside what the energy was for.",
             "De rekening wordt gelezen naast waar de energie voor diende."},
     .example = {"recognise damage to asphalt", "schade aan asfalt herkennen"}},
    {.key = "model.applications",
     .why = {"Language, speech and images differ in what they take.",
             "Taal, spraak en beeld verschillen in wat ze kosten."},
     .example = {"images and video", "beeld en video"}},
    {.key = "model.architecture",
     .why = {"Others can set their own trainings of the same network beside it.",
             "Anderen kunnen er hun eigen trainingen van hetzelfde netwerk naast leggen."},
     .example = {"Mask R-CNN", "Mask R-CNN"}},
    {.key = "model.architecture_reason",
     .why = {"What was tried and dropped took energy as well.",
             "Wat geprobeerd en verworpen is, kostte ook energie."},
     .example = {"best of 6 on a test set", "de beste van 6 op een testset"}},
    {.key = "model.start",
     .why = {"Training on from a ready model takes far less than from nothing.",
             "Verder trainen vanaf een bestaand model kost veel minder dan vanaf nul."},
     .example = {"from a pre-trained model", "vanaf een al getraind model"}},
    {.key = "model.input",
     .why = {"The kind of data goes with the kind and amount of computing.",
             "Bij het soort gegevens hoort een soort en hoeveelheid rekenwerk."},
     .example = {"video from vehicles", "video vanuit voertuigen"}},
    {.key = "model.input_dimensions",
     .why = {"Size and number of the inputs set how long a pass takes.",
             "Grootte en aantal van de invoer bepalen hoe lang een ronde duurt."},
     .example = {"40000 images of 1920 x 1080", "40000 beelden van 1920 x 1080"},
     .is_figure = true},
    {.key = "model.result",
     .why = {"Without a wanted result nobody can say when training was enough.",
             "Zonder gewenst resultaat kan niemand zeggen wanneer er genoeg getraind was."},
     .example = {"a map of the damage", "een kaart van de schade"}},
    {.key = "model.accuracy",
     .why = {"The last per cents cost the most; unknown shows that evaluation was open.",
             "De laatste procenten kosten het meest; onbekend laat zien dat de maatstaf open was."},
     .example = {"90 % or better", "90 % of beter"},
     .is_figure = true},
    {.key = "model.training_time",
     .why = {"Time is half of the account. In words here; the figures of it are asked below.",
             "Tijd is de helft van de rekening. Hier in woorden; de cijfers komen hieronder."},
     .example = {"5 to 10 weeks", "5 tot 10 weken"},
     .is_figure = true},
    {.key = "provider.name",
     .why = {"A provider knows what you do not. 'internal' where the machines were your own.",
             "Een aanbieder weet wat u niet weet. 'eigen' als het eigen machines waren."},
     .example = {"internal", "eigen"}},
    {.key = "provider.data_centre",
     .why = {"Cooling and losses hang on the building.", "Koeling en verliezen hangen af van het "
                                                         "gebouw."},
     .example = {"a room in the office", "een ruimte in het kantoor"}},
    {.key = "provider.pue",
     .why = {"PUE is the energy of the whole data centre over that of its machines.",
             "PUE is de energie van het hele datacentrum gedeeld door die van de machines."},
     .example = {"1.2, as the provider prints it", "1.2, volgens de aanbieder"},
     .is_figure = true},
    {.key = "provider.location",
     .why = {"The place tells the grid, and with it the carbon.",
             "De plaats bepaalt het stroomnet, en daarmee de CO2."},
     .example = {"region West Europe", "regio West Europe"}},
    {.key = "provider.hardware",
     .why = {"Its power is the other half of the account. In words; figures follow below.",
             "Het vermogen is de andere helft van de rekening. In woorden; cijfers volgen."},
     .example = {"one of two RTX 2080 in a workstation",
                 "één van twee RTX 2080 in een werkstation"}},
    {.key = "provider.computing_power",
     .why = {"With it a training can be checked by its number of operations.",
             "Hiermee is een training na te rekenen vanuit het aantal bewerkingen."},
     .example = {"10 TFLOPS", "10 TFLOPS"},
     .is_figure = true},
    {.key = "provider.efficiency",
     .why = {"Operations per watt are a second way to the energy.",
             "Bewerkingen per watt zijn een tweede weg naar de energie."},
     .example = {"47 GFLOPS/W", "47 GFLOPS/W"},
     .is_figure = true},
    {.key = "provider.energy",
     .why = {"What is known already, however rough, is held against the account.",
             "Wat al bekend is, hoe grof ook, wordt naast de rekening gelegd."},
     .example = {"unknown: could be asked of facilities",
                 "onbekend: navragen bij het gebouwbeheer"},
     .is_figure = true},
    {.key = "work.duration",
     .text = {"How long did one training take?", "Hoe lang duurde één training?"},
     .why = {"Energy is power times time; how many trainings there were is asked next.",
             "Energie is vermogen maal tijd; hoeveel trainingen er waren, komt hierna."},
     .example = {"12 h, 2 to 5 days, <= 6000 h", "12 uur, 2 tot 5 dagen, hoogstens 6000 uur"}},
    {.key = "work.held",
     .text = {"Is that how long the hardware was held or billed, not how long it worked (yes, no)?",
              "Was de hardware die tijd bezet of in rekening gebracht, en niet steeds aan het werk "
              "(ja, nee)?"},
     .why = {"Hardware that is held and waits draws less than hardware that works.",
             "Hardware die bezet is en wacht, verbruikt minder dan hardware die werkt."},
     .example = {"no", "nee"},
     .needs = {"work.duration"}},
    {.key = "work.repeats",
     .text = {"What is that time multiplied by (trainings, configurations ...)?",
              "Waarmee wordt die tijd vermenigvuldigd (trainingen, configuraties ...)?"},
     .why =
         {"Attempts that led nowhere drew power as well. Enter: it was trained once, or the time "
          "is that of all.",
          "Pogingen die niets opleverden, verbruikten ook. Enter: één training, of de tijd is die "
          "van alle samen."},
     .example = {"6-7 architectures, 5-6 configurations", "6-7 architecturen, 5-6 configuraties"}},
    {.key = "work.instance",
     .text = {"Which type of machine was rented in a cloud?",
              "Welk type machine is in een cloud gehuurd?"},
     .why =
         {"The type tells boards, processor and memory. Enter where nothing was rented.",
          "Het type vertelt welke kaarten, processor en geheugen. Enter als er niets gehuurd is."},
     .example = {"aws/p3.2xlarge", "azure/Standard_NC6"}},
    {.key = "work.instances",
     .text = {"How many of these machines at the same time?", "Hoeveel van die machines tegelijk?"},
     .why = {"Energy goes up with their number.", "De energie groeit mee met het aantal."},
     .example = {"1", "1"},
     .needs = {"work.instance"}},
    {.key = "work.instance_power",
     .text = {"Which mean power is stated for one of them?",
              "Welk gemiddeld vermogen is voor één ervan opgegeven?"},
     .why = {"A stated draw goes before ratings from a table.",
             "Een opgegeven vermogen gaat vóór een waarde uit een tabel."},
     .example = {"350 W", "350 W"},
     .needs = {"work.instance"}},
    {.key = "work.accelerator",
     .text = {"Which accelerator (GPU, TPU)? Its name alone",
              "Welke rekenkaart (GPU, TPU)? Alleen de naam"},
     .why = {"Its rated power comes from the catalogue. Without it there is often no account.",
             "Het vermogen komt uit de catalogus. Zonder naam is er vaak geen rekening."},
     .example = {"GeForce RTX 2080", "GeForce RTX 2080"},
     .from = "provider.hardware"},
    {.key = "work.accelerators",
     .text = {"How many boards at the same time?", "Hoeveel kaarten tegelijk?"},
     .why = {"Whole boards; 1/2 where one of the two dies of a board was used.",
             "Hele kaarten; 1/2 als één van de twee chips op een kaart gebruikt is."},
     .example = {"4, 1/2, 6-7", "4, 1/2, 6-7"},
     .needs = {"work.accelerator"}},
    {.key = "work.accelerator_power",
     .text = {"Which mean power did one board draw, if somebody looked?",
              "Welk gemiddeld vermogen vroeg één kaart, als iemand gekeken heeft?"},
     .why = {"A draw that was seen narrows the band more than anything else.",
             "Een afgelezen vermogen maakt de marge het kleinst."},
     .example = {"180 W, 150..200 W", "180 W, 150..200 W"},
     .needs = {"work.accelerator"}},
    {.key = "work.accelerator_use",
     .text = {"Which share of the time were the boards busy?",
              "Welk deel van de tijd waren de kaarten bezig?"},
     .why = {"A board that waits for data draws less: the utilisation in nvidia-smi.",
             "Een kaart die op gegevens wacht, verbruikt minder: de bezetting in nvidia-smi."},
     .example = {"80 %, 60..90 %", "80 %, 60..90 %"},
     .needs = {"work.accelerator", "work.instance"}},
    {.key = "work.processor",
     .text = {"Which main processor? Its name alone", "Welke hoofdprocessor? Alleen de naam"},
     .why = {"It prepares the data and draws power beside the boards.",
             "Die bereidt de gegevens voor en verbruikt naast de kaarten."},
     .example = {"Xeon Gold 6248", "Xeon Gold 6248"}},
    {.key = "work.processors",
     .text = {"How many of these processors?", "Hoeveel van die processors?"},
     .why = {"Packages, not cores. Enter where threads are known instead.",
             "Hele processors, geen kernen. Enter als u de threads weet."},
     .example = {"2", "2"},
     .needs = {"work.processor"}},
    {.key = "work.threads",
     .text = {"Or how many hardware threads (vCPUs)?", "Of hoeveel hardwarethreads (vCPU's)?"},
     .why = {"In a cloud a share of a processor is rented, counted in threads.",
             "In een cloud huurt u een deel van een processor, geteld in threads."},
     .example = {"8", "8"}},
    {.key = "work.processor_use",
     .text = {"How loaded were they on average?", "Hoe belast waren die gemiddeld?"},
     .why = {"Power goes with the load.", "Het vermogen gaat mee met de belasting."},
     .example = {"50 %", "50 %"},
     .needs = {"work.processor", "work.threads", "work.instance"}},
    {.key = "work.memory",
     .text = {"How much main memory?", "Hoeveel werkgeheugen?"},
     .why = {"Memory draws power all the time.", "Geheugen verbruikt de hele tijd."},
     .example = {"64 GB", "64 GB"}},
    {.key = "work.node_overhead",
     .text = {"What did the rest of the machines draw (fans, disks, losses)?",
              "Wat verbruikte de rest van de machines (ventilatoren, schijven, verliezen)?"},
     .why = {"In no figure else; unknown leaves it out and says so.",
             "Dit zit in geen ander cijfer; onbekend laat het weg en meldt dat."},
     .example = {"60 W", "60 W"}},
    {.key = "work.idle",
     .text = {"Which share of that time was the hardware held but did nothing?",
              "Welk deel van die tijd was de hardware bezet zonder iets te doen?"},
     .why = {"Waiting takes less power than computing, but some.",
             "Wachten kost minder vermogen dan rekenen, maar niet niets."},
     .example = {"20 %", "20 %"}},
    {.key = "work.pue",
     .text = {"The PUE to reckon with, as a number?", "De PUE om mee te rekenen, als getal?"},
     .why = {"It adds cooling and losses of the building. Enter: only machines are counted.",
             "Dit telt koeling en verliezen van het gebouw mee. Enter: alleen de machines tellen."},
     .example = {"1.58, 1.1..1.3", "1.58, 1.1..1.3"},
     .from = "provider.pue"},
    {.key = "work.place",
     .text = {"The place for the grid: a country, or a region of a cloud?",
              "De plaats voor het stroomnet: een land, of een regio van een cloud?"},
     .why = {"The carbon of a kWh differs by place more than tenfold. It changes no kWh.",
             "De CO2 per kWh verschilt per plaats meer dan tienvoudig. De kWh blijven gelijk."},
     .example = {"NL, azure/westeurope", "NL, azure/westeurope"},
     .from = "provider.location"},
    {.key = "work.year",
     .text = {"In which year was it trained?", "In welk jaar is er getraind?"},
     .why = {"Grids and data centres change from year to year.",
             "Stroomnetten en datacentra veranderen van jaar tot jaar."},
     .example = {"2021", "2021"}},
    {.key = "work.sensors_now",
     .text = {"Is the machine still there, and can it be measured now (yes, no)?",
              "Is de machine er nog, en kan er nu gemeten worden (ja, nee)?"},
     .why = {"A short training measured now is better than any table.",
             "Een korte training die nu gemeten wordt, is beter dan elke tabel."},
     .example = {"yes", "ja"}},
    {.key = NULL},
};

int jb_language_from_name(const char *name)
{
    static const char *const names[] = {[JB_ENGLISH] = "en", [JB_DUTCH] = "nl"};

    for (int i = 0; i < JB_LANGUAGES; i++)
        if (strncasecmp(name, names[i], 2) == 0 && (!name[2] || strchr("_-.@", name[2])))
            return i;
    return -1;
}

const struct jb_ask *jb_ask_find(const char *key)
{
    for (const struct jb_ask *ask = jb_asks; ask->key; ask++)
        if (strcmp(ask->key, key) == 0)
            return ask;
    return NULL;
}

int jb_ask_question(const struct jb_ask *ask)
{
    const size_t n = strcspn(ask->key, ".");

    for (int i = 0; i < JB_CASE_QUESTIONS && ask->key[n]; i++)
        if (strlen(jb_case_questions[i].section) == n &&
            strncmp(jb_case_questions[i].section, ask->key, n) == 0 &&
            strcmp(jb_case_questions[i].key, ask->key + n + 1) == 0)
            return i;
    return -1;
}

const char *jb_ask_text(const struct jb_ask *ask, enum jb_language language)
{
    const int question = jb_ask_question(ask);

    if (ask->text[language] || question < 0)
        return ask->text[language];
    return language == JB_DUTCH ? jb_case_questions[question].dutch
                                : jb_case_questions[question].english;
}

bool jb_ask_is_told(const struct jb_ask *ask, const struct jb_case *one)
{
    const int question = jb_ask_question(ask);
    char text[512];

    if (question >= 0)
        return one->answers[question].is_told;
    if (strcmp(ask->key, "case") == 0)
        return one->id[0] != '\0';
    if (strcmp(ask->key, "title") == 0)
        return one->title[0] != '\0';
    const struct jb_yaml_field *const field = jb_work_field_find(strchr(ask->key, '.') + 1);
    return field && jb_work_field_text(field, &one->work, text, sizeof text)[0] != '\0';
}
