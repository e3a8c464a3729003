// Names as they are met in England, by origin. An assumption: common names chosen by hand, after
// the ONS lists of baby names and of surnames; no combination is meant to be anyone.

/** Names of one origin. `elders` are given names of those born before 1970, where they differ. */
export interface NamePool {
  readonly families: readonly string[];
  readonly female: readonly string[];
  readonly male: readonly string[];
  readonly femaleElders?: readonly string[];
  readonly maleElders?: readonly string[];
}

export type NameOrigin =
  | 'english'
  | 'irish'
  | 'european'
  | 'indian'
  | 'muslim'
  | 'african'
  | 'caribbean'
  | 'chinese'
  | 'arab';

export const namePools: Readonly<Record<NameOrigin, NamePool>> = {
  english: {
    families: words(
      `Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker
      White Roberts Green Hall Wood Jackson Clarke Harrison Edwards Hughes Lewis Harris Cooper
      Martin King Turner Hill Ward Baker Moore Morris Parker Bennett Shaw Bailey Marshall Webb
      Fletcher Ellis Barker Holmes Palmer Atkinson Pearson Mills Dixon Hunt Barnes Rhodes Ogden
      Threlfall Penrose Ashworth Tregenza Bell-Hayes O'Brien Fairclough Wainwright Hebblethwaite`,
    ),
    female: words(
      `Olivia Amelia Isla Ava Emily Sophie Charlotte Jessica Lucy Grace Chloe Ella Daisy Freya Evie
      Holly Rebecca Laura Gemma Hannah Rachel Sarah Emma Natalie Katie Lauren Megan Bethany`,
    ),
    male: words(
      `Oliver George Harry Noah Jack Arthur Leo Oscar Thomas Alfie Charlie Joshua James Daniel
      Matthew Christopher Ryan Adam Luke Liam Benjamin Samuel Callum Jordan Lewis Nathan Connor`,
    ),
    femaleElders: words(
      `Margaret Jean Mary Joan Patricia Sheila Barbara Doreen June Shirley Dorothy Susan Linda
      Christine Carol Janet Ann Pamela Jacqueline Julie Karen Tracey Deborah Hilary Maureen`,
    ),
    maleElders: words(
      `John David Michael Peter Robert Anthony Brian Alan William James Derek Ronald Kenneth Roy
      Stephen Paul Graham Keith Colin Barry Malcolm Trevor Raymond Geoffrey Nigel Ian`,
    ),
  },
  irish: {
    families: words(
      `Murphy O'Connor Kelly Byrne Ryan Walsh O'Sullivan Doyle McCarthy Gallagher Doherty Kennedy
      Lynch Murray Quinn Moran McLoughlin O'Neill Fitzgerald Brennan`,
    ),
    female: words(
      'Aoife Ciara Niamh Orla Roisin Siobhan Sinead Deirdre Bridget Kathleen Maeve Nuala',
    ),
    male: words('Sean Patrick Conor Cian Eoin Declan Brendan Kevin Dermot Niall Fergus Padraig'),
  },
  european: {
    families: words(
      `Kowalski Nowak Wiśniewska Wójcik Zieliński Popescu Ionescu Dumitru Kazlauskas Petrov Horvat
      Novák Silva Santos Ferreira Rossi Bianchi García Fernández Müller Schmidt Dubois Papadopoulos
      Kovács Yılmaz Demir`,
    ),
    female: words(
      `Zofia Katarzyna Agnieszka Małgorzata Ioana Elena Andreea Viktorija Daniela Ana Mariana Giulia
      Chiara Lucía Carmen Anneliese Chloé Eleni Réka Elif`,
    ),
    male: words(
      `Jakub Piotr Tomasz Łukasz Andrei Mihai Ștefan Tomas Dimitar Luka João Miguel Marco Luca José
      Javier Jürgen Antoine Nikos Emre`,
    ),
  },
  indian: {
    families: words(
      `Patel Singh Kaur Sharma Shah Mehta Desai Gill Dhillon Sandhu Nair Menon Reddy Iyer Chauhan
      Joshi Bhatt Rao Fernandes Pillai Mistry Parmar`,
    ),
    female: words(
      `Priya Anjali Simran Harpreet Meera Kavita Deepa Jasmine Aarti Nisha Rupal Gurpreet Lakshmi
      Sunita Isha Diya Manisha Balvinder`,
    ),
    male: words(
      `Arjun Rahul Harjit Amit Vikram Rohan Sanjay Gurdeep Rajesh Kiran Nikhil Anil Manpreet Suresh
      Dev Aarav Jaspal Bhavesh`,
    ),
  },
  muslim: {
    families: words(
      `Khan Ahmed Hussain Ali Begum Mahmood Iqbal Malik Akhtar Rahman Chowdhury Miah Uddin Islam
      Sheikh Mirza Butt Siddiqui Qureshi Hoque Chaudhry Aziz`,
    ),
    female: words(
      `Aisha Fatima Maryam Zainab Amina Sana Nadia Rukhsana Shazia Khadija Sumaiya Hafsa Nasreen
      Yasmin Safiya Inaya Parveen Farzana`,
    ),
    male: words(
      `Mohammed Muhammad Ibrahim Yusuf Hamza Omar Bilal Imran Tariq Abdul Zain Haroon Shahid Kamran
      Rafiq Sajid Adeel Faisal`,
    ),
  },
  african: {
    families: words(
      `Okafor Adeyemi Mensah Osei Boateng Adebayo Okonkwo Balogun Owusu Abdi Hassan Mohamud Tesfaye
      Banda Moyo Ncube Kamau Diallo Asante Eze`,
    ),
    female: words(
      `Chidinma Ngozi Abena Akosua Folake Temitope Amara Blessing Grace Hodan Selam Tendai Rutendo
      Wanjiru Fatou Efua Yetunde`,
    ),
    male: words(
      `Chukwuemeka Kwame Kofi Oluwaseun Emeka Tunde Kwabena Abdirahman Dawit Tafadzwa Samuel
      Emmanuel Mamadou Ikenna Kelechi Babatunde`,
    ),
  },
  caribbean: {
    families: words(
      `Campbell Grant Francis Gordon Morgan Reid Clarke Charles Joseph Bailey Stewart Blake Lindo
      Augustin Braithwaite Baptiste Thompson Henry`,
    ),
    female: words(
      `Shanice Keisha Marcia Yvonne Beverley Jada Simone Tanisha Monique Paulette Naomi Chantelle
      Hyacinth Merle Aaliyah`,
    ),
    male: words(
      `Delroy Winston Marcus Tyrone Jermaine Leroy Andre Dwayne Errol Jayden Tyrell Neville Carlton
      Malachi Isaiah`,
    ),
  },
  chinese: {
    families: words('Wang Li Zhang Chen Liu Wong Chan Lam Cheung Ho Yip Ng Lau Huang Zhou Leung'),
    female: words('Mei Xiu Ying Jing Yan Hui Wai-Ling Siu-Fong Yi Xin Li-Na Ka-Yan Min Shu'),
    male: words('Wei Jun Hao Ming Chi-Keung Ka-Ho Lei Bo Xiang Yu-Chen Kwok Tao Zhen Jian'),
  },
  arab: {
    families: words(
      `Al-Hassan Haddad Khoury Saleh Nasser Mansour Ibrahim Farah Hosseini Karimi Rahimi Ahmadi
      Barzani Aziz Sabbagh Nguyen Tran`,
    ),
    female: words(
      'Layla Noor Rania Dalal Huda Shirin Parisa Zahra Mina Samira Leila Amal Linh Hala',
    ),
    male: words('Ahmad Karim Hadi Reza Farhad Samir Tarek Nabil Amir Sami Walid Dara Minh Yousef'),
  },
};

/** Streets' names; house numbers come before them. */
export const streets = words(
  `Church_Street High_Street Station_Road Victoria_Road Mill_Lane Green_Lane Manor_Road Park_Avenue
  Queens_Road Kings_Close The_Crescent York_Road Grange_Drive Chapel_Lane North_Street School_Lane
  Springfield_Road George_Street Albert_Terrace Windsor_Drive Orchard_Close Meadow_View Beech_Grove
  Oakfield_Road Highfield_Avenue St_John's_Road Cedar_Way Bridge_Street Canal_Walk Elm_Tree_Close
  Moorland_Rise Harbour_View Weavers_Row Foundry_Lane Ropewalk Tithe_Barn_Lane`,
).map((name) => name.replaceAll('_', ' '));

/** What practices, pharmacies, homes and centres are named after. */
export const landmarks = words(
  `
  Riverside Meadow Abbey Northgate Southgate Parkside Hillside Valley Oakwood Elmfield Castle
  Bridge Cathedral Mill Priory Lakeside Market Quayside Woodlands Heathfield Moorside Thornbury
  Ashbourne Brookfield Cherrytree Dovecote Eastfield Fernhill Greenbank Holly Ivybridge Kingsway
  Limes Maplewood Newlands Orchard Pinewood Queensway Rosebank Sycamore Trinity Underhill Vale
  Westfield`,
);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
